#include "cv_similarity.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "pixels.hpp"

namespace {

constexpr int side = CVMiniatureSide, frequencies = 8;

/// Where the value at (row, column) of an orientation comes from: orientations 4 to 7 are mirrored, then a quarter
/// turn for each step.
cv::Point source(int row, int column, int orientation) {
    if (orientation >= 4) column = side - 1 - column;
    for (int turn = 0; turn < orientation % 4; turn++) {
        int previous = row;
        row = column;
        column = side - 1 - previous;
    }
    return {column, row};
}

cv::Mat oriented(const cv::Mat &miniature, int orientation) {
    cv::Mat result(side, side, CV_32F);
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++)
            result.at<float>(row, column) = miniature.at<float>(source(row, column, orientation));
    return result;
}

/// Signs of the lowest frequencies; the mean, which is always zero here, gives its bit to the next on the diagonal.
uint64_t hash(const cv::Mat &miniature) {
    cv::Mat spectrum;
    cv::dct(miniature, spectrum);
    spectrum.at<float>(0, 0) = spectrum.at<float>(frequencies, frequencies);
    uint64_t bits = 0;
    for (int row = 0; row < frequencies; row++)
        for (int column = 0; column < frequencies; column++)
            bits = bits << 1 | (spectrum.at<float>(row, column) > 0 ? 1 : 0);
    return bits;
}

cv::Mat normalizedMiniature(const cv::Mat &image) {
    cv::Mat grey, small, miniature;
    cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
    cv::resize(grey, small, cv::Size(side, side), 0, 0, cv::INTER_AREA);
    small.convertTo(miniature, CV_32F);
    miniature -= cv::mean(miniature);
    double length = cv::norm(miniature);
    if (length > 1e-3) miniature /= length;
    return miniature;
}

}  // namespace

extern "C" {

CSStatus cv_signature(const uint8_t *pixels, int width, int height, uint64_t *hashes, float *miniature,
                      CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat upright = normalizedMiniature(cvision::view(pixels, width, height));
        std::copy_n(upright.ptr<float>(), side * side, miniature);
        for (int orientation = 0; orientation < CVOrientations; orientation++)
            hashes[orientation] = hash(oriented(upright, orientation));
    });
}

float cv_correlation(const float *first, const float *second) {
    float best = -1;
    for (int orientation = 0; orientation < CVOrientations; orientation++) {
        float sum = 0;
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                cv::Point from = source(row, column, orientation);
                sum += first[row * side + column] * second[from.y * side + from.x];
            }
        }
        best = std::max(best, sum);
    }
    return best;
}
}
