#include "cv_quality.h"

#include <opencv2/imgproc.hpp>

#include "pixels.hpp"

namespace {

/// Variance of the Laplacian (Pech-Pacheco et al. 2000): blur removes the second derivative.
double sharpness(const cv::Mat &grey) {
    cv::Mat laplacian;
    cv::Laplacian(grey, laplacian, CV_16S);
    // Sums of whole numbers are exact, and several times as fast as cv::meanStdDev of one channel of 16 bits.
    int64_t sum = 0, squares = 0;
    for (int y = 0; y < laplacian.rows; ++y) {
        const int16_t *values = laplacian.ptr<int16_t>(y);
        int32_t rowSum = 0;
        int64_t rowSquares = 0;
        for (int x = 0; x < laplacian.cols; ++x) {
            rowSum += values[x];
            rowSquares += values[x] * values[x];
        }
        sum += rowSum;
        squares += rowSquares;
    }
    const double total = static_cast<double>(laplacian.total()), mean = static_cast<double>(sum) / total;
    return static_cast<double>(squares) / total - mean * mean;
}

double fraction(const cv::Mat &mask) { return static_cast<double>(cv::countNonZero(mask)) / mask.total(); }

}  // namespace

extern "C" CSStatus cv_quality(const uint8_t *pixels, int width, int height, CVQuality *quality, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = cvision::view(pixels, width, height);
        cv::Mat grey, hsv, mask;
        cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
        cv::cvtColor(image, hsv, cv::COLOR_RGB2HSV);
        cv::Scalar mean, deviation;
        cv::meanStdDev(grey, mean, deviation);
        quality->sharpness = sharpness(grey);
        quality->brightness = mean[0] / 255;
        quality->contrast = deviation[0] / 255;
        // OpenCV's hue runs from 0 to 180: 110 to 170 is 220 to 340 degrees, violet-blue to pink-purple.
        cv::inRange(hsv, cv::Scalar(110, 60, 0), cv::Scalar(170, 255, 255), mask);
        quality->stainedFraction = fraction(mask);
        cv::inRange(hsv, cv::Scalar(0, 0, 200), cv::Scalar(180, 40, 255), mask);
        quality->backgroundFraction = fraction(mask);
        quality->clippedFraction = fraction(grey == 0) + fraction(grey == 255);
    });
}
