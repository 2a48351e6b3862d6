#include <algorithm>
#include <cmath>
#include <memory>
#include <opencv2/ml.hpp>
#include <string>
#include <vector>

#include "matrix.hpp"

struct CLModel {
    const int width, classes;
    CLModel(int width, int classes) : width(width), classes(classes) {}
    virtual ~CLModel() = default;
    virtual int64_t parameters() const = 0;
    /// Adds to `scores`, `[rows, classes]` of zeros.
    virtual void score(const cv::Mat &values, double *scores) const = 0;
};

namespace {

/// Examples as OpenCV takes them.
struct Examples {
    cv::Mat values, labels;

    Examples(const float *values, const int32_t *labels, int rows, int width, int classes)
        : values(clearning::matrix(values, rows, width)), labels(rows, 1, CV_32S) {
        if (classes < 2) throw std::invalid_argument("at least two classes are needed");
        for (int i = 0; i < rows; ++i) {
            if (labels[i] < 0 || labels[i] >= classes)
                throw std::invalid_argument("label " + std::to_string(labels[i]) + " is out of range");
            this->labels.at<int>(i) = labels[i];
        }
    }

    void teach(cv::ml::StatModel &model, const cv::Mat &responses) const {
        if (!model.train(values, cv::ml::ROW_SAMPLE, responses)) throw std::runtime_error("OpenCV could not learn");
    }
};

struct SupportVectors final : CLModel {
    std::vector<cv::Ptr<cv::ml::SVM>> machines;  // null for a class that has no example, or every one
    std::vector<double> constants;

    SupportVectors(const Examples &examples, int classes, double gamma, double cost)
        : CLModel(examples.values.cols, classes) {
        for (int label = 0; label < classes; ++label) {
            // 0 is the class and 1 the rest: OpenCV's decision value is positive for the lower of two labels.
            cv::Mat rest;
            cv::Mat(examples.labels != label).convertTo(rest, CV_32S, 1.0 / 255);
            const int others = cv::countNonZero(rest);
            constants.push_back(others == 0 ? 1 : -1);
            machines.push_back(nullptr);
            if (others == 0 || others == rest.rows) continue;
            auto machine = cv::ml::SVM::create();
            machine->setType(cv::ml::SVM::C_SVC);
            machine->setKernel(cv::ml::SVM::RBF);
            machine->setGamma(gamma);
            machine->setC(cost);
            machine->setTermCriteria(cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 20000, 1e-3));
            examples.teach(*machine, rest);
            machines.back() = machine;
        }
    }

    int64_t parameters() const override {
        int64_t count = 0;
        for (const auto &machine : machines)
            count += machine ? static_cast<int64_t>(machine->getSupportVectors().rows) * (width + 1) + 1 : 1;
        return count;
    }

    void score(const cv::Mat &values, double *scores) const override {
        for (int label = 0; label < classes; ++label) {
            cv::Mat margins;
            if (machines[label]) machines[label]->predict(values, margins, cv::ml::StatModel::RAW_OUTPUT);
            for (int i = 0; i < values.rows; ++i)
                scores[i * classes + label] = machines[label] ? margins.at<float>(i) : constants[label];
        }
    }
};

struct Forest final : CLModel {
    cv::Ptr<cv::ml::RTrees> trees = cv::ml::RTrees::create();

    Forest(const Examples &examples, int classes, int count, int depth, uint64_t seed)
        : CLModel(examples.values.cols, classes) {
        trees->setMaxDepth(depth);
        trees->setMinSampleCount(2);
        trees->setActiveVarCount(std::max(1, static_cast<int>(std::lround(std::sqrt(width)))));
        trees->setCalculateVarImportance(false);
        trees->setTermCriteria(cv::TermCriteria(cv::TermCriteria::COUNT, count, 0));
        cv::theRNG() = cv::RNG(seed);
        examples.teach(*trees, examples.labels);
    }

    /// Feature and threshold of each split, the class of each leaf.
    int64_t parameters() const override {
        int64_t count = 0;
        for (const auto &node : trees->getNodes()) count += node.split >= 0 ? 2 : 1;
        return count;
    }

    void score(const cv::Mat &values, double *scores) const override {
        cv::Mat votes;  // the labels in the first row
        trees->getVotes(values, votes, 0);
        if (votes.type() != CV_32S || votes.rows != values.rows + 1)
            throw std::runtime_error("OpenCV counts votes in another way");
        for (int column = 0; column < votes.cols; ++column) {
            const int label = votes.at<int>(0, column);
            for (int i = 0; i < values.rows; ++i) scores[i * classes + label] += votes.at<int>(i + 1, column);
        }
    }
};

struct Neighbours final : CLModel {
    cv::Ptr<cv::ml::KNearest> nearest = cv::ml::KNearest::create();
    int64_t examplesStored;
    int neighbours;

    Neighbours(const Examples &examples, int classes, int neighbours)
        : CLModel(examples.values.cols, classes), examplesStored(examples.values.rows),
          neighbours(std::min(neighbours, examples.values.rows)) {
        if (neighbours < 1) throw std::invalid_argument("at least one neighbour is needed");
        nearest->setIsClassifier(true);
        examples.teach(*nearest, examples.labels);
    }

    int64_t parameters() const override { return examplesStored * (width + 1); }

    void score(const cv::Mat &values, double *scores) const override {
        cv::Mat answers, votes;
        nearest->findNearest(values, neighbours, answers, votes);
        for (int i = 0; i < values.rows; ++i)
            for (int j = 0; j < votes.cols; ++j)
                scores[i * classes + static_cast<int>(std::lround(votes.at<float>(i, j)))] += 1;
    }
};

}  // namespace

extern "C" {

void cl_model_free(CLModel *model) { delete model; }

int64_t cl_model_parameters(const CLModel *model) {
    int64_t count = 0;
    cstatus::guardedOpenCV(nullptr, [&] { count = model->parameters(); });
    return count;
}

CSStatus cl_model_scores(const CLModel *model, const float *values, int32_t rows, double *scores, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        std::fill_n(scores, static_cast<size_t>(rows) * model->classes, 0.0);
        model->score(clearning::matrix(values, rows, model->width), scores);
    });
}

CSStatus cl_svm(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes, double gamma,
                double cost, CLModel **model, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *model = std::make_unique<SupportVectors>(Examples(values, labels, rows, width, classes), classes, gamma, cost)
                     .release();
    });
}

CSStatus cl_forest(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                   int32_t trees, int32_t depth, uint64_t seed, CLModel **model, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *model = std::make_unique<Forest>(Examples(values, labels, rows, width, classes), classes, trees, depth, seed)
                     .release();
    });
}

CSStatus cl_neighbours(const float *values, const int32_t *labels, int32_t rows, int32_t width, int32_t classes,
                       int32_t neighbours, CLModel **model, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *model =
            std::make_unique<Neighbours>(Examples(values, labels, rows, width, classes), classes, neighbours).release();
    });
}
}
