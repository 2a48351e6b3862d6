#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "cells.hpp"

namespace cvision {

namespace {

std::array<double, 256> histogram(const cv::Mat &values, const cv::Mat &mask) {
    cv::Mat counts;
    cv::calcHist(std::vector<cv::Mat>{values}, {0}, mask, counts, {256}, {0, 256});
    std::array<double, 256> result{};
    std::copy_n(counts.ptr<float>(), 256, result.begin());  // 32-bit floats count exactly to 16.7 million pixels
    return result;
}

}  // namespace

int quantile(const cv::Mat &values, const cv::Mat &mask, double share) {
    const std::array<double, 256> counts = histogram(values, mask);
    double total = 0, sum = 0;
    for (double count : counts) total += count;
    for (int value = 0; value < 256; ++value) {
        sum += counts[value];
        if (sum >= share * total) return value;
    }
    return 255;
}

Division divide(const cv::Mat &values, const cv::Mat &mask) {
    const std::array<double, 256> counts = histogram(values, mask);
    double total = 0, sum = 0, squares = 0;
    for (int value = 0; value < 256; ++value) {
        total += counts[value];
        sum += counts[value] * value;
        squares += counts[value] * value * value;
    }
    Division best;
    if (total == 0) return best;
    const double variance = squares / total - (sum / total) * (sum / total);
    double lower = 0, lowerSum = 0;
    for (int value = 0; value < 255; ++value) {
        lower += counts[value];
        lowerSum += counts[value] * value;
        if (lower == 0 || lower == total) continue;
        const double low = lowerSum / lower, high = (sum - lowerSum) / (total - lower);
        const double between = lower * (total - lower) / (total * total) * (high - low) * (high - low);
        if (variance > 0 && between / variance > best.separability)
            best = {value, between / variance, low, high, lower / total};
    }
    return best;
}

SmearColours::SmearColours(const cv::Mat &rgb) {
    cv::Mat smooth, all;
    cv::GaussianBlur(rgb, smooth, cv::Size(odd(7, rgb.size()), odd(7, rgb.size())), 0);
    cv::cvtColor(smooth, all, cv::COLOR_RGB2Lab);
    cv::split(all, lab);
    const cv::Mat brightest = lab[0] >= quantile(lab[0], cv::Mat(), 0.8);
    for (int i = 0; i < 3; ++i) glass[i] = quantile(lab[i], brightest, 0.5);
    purple.create(rgb.rows, rgb.cols, CV_8U);
    distance.create(rgb.rows, rgb.cols, CV_8U);
    for (int y = 0; y < rgb.rows; ++y) {
        const uchar *l = lab[0].ptr<uchar>(y), *a = lab[1].ptr<uchar>(y), *b = lab[2].ptr<uchar>(y);
        for (int x = 0; x < rgb.cols; ++x) {
            const float dark = l[x] - glass[0], red = a[x] - glass[1], blue = glass[2] - b[x];
            // Both are needed: red cells are redder or bluer than glass, azure-stained nuclei are both.
            purple.at<uchar>(y, x) = cv::saturate_cast<uchar>(4 * std::sqrt(std::max(red, 0.f) * std::max(blue, 0.f)));
            distance.at<uchar>(y, x) = cv::saturate_cast<uchar>(std::sqrt(dark * dark + red * red + blue * blue));
        }
    }
}

}  // namespace cvision
