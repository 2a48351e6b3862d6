#include <algorithm>
#include <cmath>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "matrix.hpp"

namespace {

/// Largest value and one, of 8-bit red to blue, hue to value (OpenCV halves the hue), and CIE Lab.
constexpr double ranges[9] = {256, 256, 256, 180, 256, 256, 256, 256, 256};

/// Writes the bins and the moments of one channel (Stricker and Orengo 1995).
void describe(const cv::Mat &channel, double range, float *bins, float *moments) {
    double counts[256] = {};
    for (int y = 0; y < channel.rows; ++y) {
        const uchar *row = channel.ptr<uchar>(y);
        for (int x = 0; x < channel.cols; ++x) counts[row[x]] += 1;
    }
    const double total = static_cast<double>(channel.total());
    double mean = 0, second = 0, third = 0;
    for (int value = 0; value < 256; ++value) {
        const int bin = std::min(CLColourBins - 1, static_cast<int>(value * CLColourBins / range));
        bins[bin] += static_cast<float>(counts[value] / total);
        mean += counts[value] / total * value;
    }
    for (int value = 0; value < 256; ++value) {
        second += counts[value] / total * std::pow(value - mean, 2);
        third += counts[value] / total * std::pow(value - mean, 3);
    }
    moments[0] = static_cast<float>(mean / range);
    moments[1] = static_cast<float>(std::sqrt(second) / range);
    moments[2] = static_cast<float>(std::cbrt(third) / range);
}

cv::Mat view(const uint8_t *pixels, int width, int height) {
    if (width < 1 || height < 1) throw std::invalid_argument("the image is empty");
    return cv::Mat(height, width, CV_8UC3, const_cast<uint8_t *>(pixels));
}

}  // namespace

extern "C" {

CSStatus cl_colour_features(const uint8_t *pixels, int32_t width, int32_t height, float *features, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = view(pixels, width, height);
        cv::Mat hsv, lab;
        cv::cvtColor(image, hsv, cv::COLOR_RGB2HSV);
        cv::cvtColor(image, lab, cv::COLOR_RGB2Lab);
        std::fill_n(features, static_cast<int>(CLColourFeatures), 0.0f);
        float *moments = features + 9 * CLColourBins;
        int place = 0;
        for (const cv::Mat &space : {image, hsv, lab}) {
            std::vector<cv::Mat> channels;
            cv::split(space, channels);
            for (const cv::Mat &channel : channels) {
                describe(channel, ranges[place], features + place * CLColourBins, moments + place * 3);
                place += 1;
            }
        }
    });
}

CSStatus cl_descriptors(const uint8_t *pixels, int32_t width, int32_t height, int32_t maximum, float *descriptors,
                        int32_t *count, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (maximum < 1) throw std::invalid_argument("no descriptor is wanted");
        cv::Mat grey, found;
        cv::cvtColor(view(pixels, width, height), grey, cv::COLOR_RGB2GRAY);
        std::vector<cv::KeyPoint> points;
        cv::SIFT::create(maximum)->detectAndCompute(grey, cv::noArray(), points, found);
        *count = std::min(maximum, found.rows);  // key points of equal strength may exceed what was asked for
        for (int i = 0; i < *count; ++i) {
            const float *descriptor = found.ptr<float>(i);
            float sum = 0;
            for (int j = 0; j < CLDescriptorLength; ++j) sum += descriptor[j];
            for (int j = 0; j < CLDescriptorLength; ++j)
                descriptors[i * CLDescriptorLength + j] = sum > 0 ? std::sqrt(descriptor[j] / sum) : 0;
        }
    });
}

CSStatus cl_kmeans(const float *values, int32_t rows, int32_t width, int32_t clusters, int32_t iterations,
                   uint64_t seed, float *centres, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (clusters < 1 || iterations < 1) throw std::invalid_argument("no clusters or no iterations are wanted");
        cv::theRNG() = cv::RNG(seed);
        cv::Mat labels, found;
        cv::kmeans(clearning::matrix(values, rows, width), clusters, labels,
                   cv::TermCriteria(cv::TermCriteria::COUNT, iterations, 0), 1, cv::KMEANS_PP_CENTERS, found);
        cv::Mat target(clusters, width, CV_32F, centres);
        found.copyTo(target);
    });
}

CSStatus cl_nearest(const float *values, int32_t rows, int32_t width, const float *centres, int32_t clusters,
                    int32_t *nearest, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat words = clearning::matrix(centres, clusters, width);
        cv::Mat products;
        cv::gemm(clearning::matrix(values, rows, width), words, 1, cv::noArray(), 0, products, cv::GEMM_2_T);
        std::vector<float> squares(clusters);
        for (int j = 0; j < clusters; ++j) squares[j] = static_cast<float>(words.row(j).dot(words.row(j)));
        // |x - w|^2 without |x|^2, which is the same for every w.
        for (int i = 0; i < rows; ++i) {
            const float *row = products.ptr<float>(i);
            int best = 0;
            for (int j = 1; j < clusters; ++j)
                if (squares[j] - 2 * row[j] < squares[best] - 2 * row[best]) best = j;
            nearest[i] = best;
        }
    });
}
}
