#include "cv_backdrop.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <vector>

#include "cells.hpp"
#include "pixels.hpp"

namespace {

/// Distance in CIE Lab up to which a pixel has the colour of the ground, and from which it belongs to a cell.
constexpr float groundReach = 6, cellReach = 8;

/// The corner of the scale bar: the lower 14 % of the rows, the right 22 % of the columns.
cv::Rect corner(const cv::Mat &image) {
    const int top = static_cast<int>(image.rows * 0.86), left = static_cast<int>(image.cols * 0.78);
    return {left, top, image.cols - left, image.rows - top};
}

/// Changes of the detail below which only rounding is left.
constexpr double detailFloor = 0.05;

float median(std::vector<float> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<float> channel(const cv::Mat &lab, const cv::Mat &mask, int index) {
    std::vector<float> values;
    for (int y = 0; y < lab.rows; ++y) {
        const cv::Vec3f *pixel = lab.ptr<cv::Vec3f>(y);
        const uchar *inside = mask.ptr<uchar>(y);
        for (int x = 0; x < lab.cols; ++x)
            if (inside[x]) values.push_back(pixel[x][index]);
    }
    return values;
}

cv::Vec3f medianColour(const cv::Mat &lab, const cv::Mat &mask) {
    cv::Vec3f colour;
    for (int i = 0; i < 3; ++i) colour[i] = median(channel(lab, mask, i));
    return colour;
}

/// Distance of each pixel from `colour`, and how much redder and bluer at once it is.
void compare(const cv::Mat &lab, const cv::Vec3f &colour, cv::Mat &distance, cv::Mat &purple) {
    distance.create(lab.size(), CV_32F);
    purple.create(lab.size(), CV_8U);
    for (int y = 0; y < lab.rows; ++y)
        for (int x = 0; x < lab.cols; ++x) {
            const cv::Vec3f from = lab.at<cv::Vec3f>(y, x) - colour;
            distance.at<float>(y, x) = std::sqrt(from.dot(from));
            const float both = std::sqrt(std::max(from[1], 0.f) * std::max(-from[2], 0.f));
            purple.at<uchar>(y, x) = cv::saturate_cast<uchar>(6 * both);
        }
}

double detail(const cv::Mat &magnitude, const cv::Mat &mask) {
    return std::log((cv::countNonZero(mask) ? cv::mean(magnitude, mask)[0] : 0) + detailFloor);
}

/// The ground is the brightest fifth; where everything is of its colour, red cells are what is left, at most the ground.
void measure(const cv::Mat &lab, const cv::Mat &valid, CVBackdrop &backdrop) {
    cv::Mat smooth, distance, purple, magnitude, inner;
    cv::GaussianBlur(lab, smooth, cv::Size(5, 5), 0);
    std::vector<float> light = channel(smooth, valid, 0);
    const auto bright = light.begin() + static_cast<std::ptrdiff_t>(light.size() * 4 / 5);
    std::nth_element(light.begin(), bright, light.end());
    cv::Mat lightness;
    cv::extractChannel(smooth, lightness, 0);
    const cv::Mat brightest = valid & (lightness >= *bright);
    compare(smooth, medianColour(smooth, brightest), distance, purple);
    const cv::Mat near = valid & (distance < groundReach);
    const cv::Mat ground = cv::countNonZero(near) ? near : brightest;
    const cv::Scalar mean = cv::mean(smooth, ground);
    cv::Mat cells = valid & (distance > cellReach);
    if (cv::countNonZero(cells) < 50) cells = valid & ~ground;
    if (cv::countNonZero(cells) < 1) cells = ground;
    // Of the two parts into which Otsu's threshold cuts the purple of cells, the paler one are red cells.
    const cv::Mat red = cells & (purple <= cvision::divide(purple, cells).threshold);
    const cv::Vec3f colour = medianColour(smooth, red);
    cv::Scalar unused, deviation;
    cv::meanStdDev(smooth, unused, deviation, red);
    for (int i = 0; i < 3; ++i) {
        backdrop.ground[i] = mean[i];
        backdrop.redCells[i] = colour[i] - mean[i];
        backdrop.redCellSpread[i] = std::log(deviation[i] + detailFloor);
    }
    cv::extractChannel(lab, lightness, 0);
    cv::Laplacian(lightness, magnitude, CV_32F);
    magnitude = cv::abs(magnitude);
    cv::erode(ground, inner, cv::Mat::ones(5, 5, CV_8U));
    backdrop.groundDetail = detail(magnitude, cv::countNonZero(inner) > 100 ? inner : ground);
    backdrop.redCellDetail = detail(magnitude, red);
}

void measureBar(const cv::Mat &rgb, CVBackdrop &backdrop) {
    int red = 0, black = 0;
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x) {
            const cv::Vec3b pixel = rgb.at<cv::Vec3b>(y, x);
            black += std::max({pixel[0], pixel[1], pixel[2]}) < 90;
            red += pixel[0] - pixel[1] > 60 && pixel[0] - pixel[2] > 60;
        }
    backdrop.barRed = red / static_cast<double>(rgb.total());
    backdrop.barBlack = black / static_cast<double>(rgb.total());
}

}  // namespace

extern "C" CSStatus cv_backdrop(const uint8_t *pixels, int width, int height, CVBackdrop *backdrop, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = cvision::view(pixels, width, height);
        if (image.total() < 64) throw std::invalid_argument("an image of fewer than 64 pixels shows no background");
        cv::Mat lab;
        image.convertTo(lab, CV_32F, 1.0 / 255);
        cv::cvtColor(lab, lab, cv::COLOR_RGB2Lab);
        cv::Mat valid(image.size(), CV_8U, cv::Scalar(255));
        valid(corner(image)) = 0;
        measure(lab, valid, *backdrop);
        measureBar(image(corner(image)), *backdrop);
    });
}
