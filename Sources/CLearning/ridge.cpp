#include <opencv2/core.hpp>

#include "matrix.hpp"

extern "C" {

CSStatus cl_hidden_layer(const float *values, int32_t rows, int32_t width, const float *weights, const float *biases,
                         int32_t nodes, float *hidden, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat bias = clearning::matrix(biases, 1, nodes);
        cv::Mat sums, exponentials;
        cv::gemm(clearning::matrix(values, rows, width), clearning::matrix(weights, width, nodes), 1,
                 cv::repeat(bias, rows, 1), 1, sums);
        cv::exp(-sums, exponentials);
        cv::Mat target(rows, nodes, CV_32F, hidden);
        cv::divide(1.0, exponentials + 1.0, target);
    });
}

CSStatus cl_ridge(const float *hidden, const float *targets, int32_t rows, int32_t nodes, int32_t outputs,
                  const double *costs, int32_t costCount, float *weights, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat h, t, gram, right;
        clearning::matrix(hidden, rows, nodes).convertTo(h, CV_64F);
        clearning::matrix(targets, rows, outputs).convertTo(t, CV_64F);
        cv::mulTransposed(h, gram, true);
        cv::gemm(h, t, 1, cv::noArray(), 0, right, cv::GEMM_1_T);
        for (int i = 0; i < costCount; ++i) {
            if (!(costs[i] > 0)) throw std::invalid_argument("a cost must be above 0");
            cv::Mat system = gram.clone(), solution;
            system.diag() += cv::Scalar(1 / costs[i]);
            if (!cv::solve(system, right, solution, cv::DECOMP_CHOLESKY))
                throw std::runtime_error("the hidden layer's products have no Cholesky factors");
            cv::Mat target(nodes, outputs, CV_32F, weights + static_cast<size_t>(i) * nodes * outputs);
            solution.convertTo(target, CV_32F);
        }
    });
}
}
