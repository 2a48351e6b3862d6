#include "cv_eyepiece.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "pixels.hpp"

namespace {

/// The longer side of the picture in which the circle is looked for, in pixels.
constexpr int searchSide = 256;

/// The brightness that a share of all pixels does not reach.
int quantile(const cv::Mat &grey, double share) {
    int counts[256] = {};
    for (int y = 0; y < grey.rows; ++y)
        for (int x = 0; x < grey.cols; ++x) ++counts[grey.at<uchar>(y, x)];
    double left = share * static_cast<double>(grey.total());
    for (int level = 0; level < 256; ++level)
        if ((left -= counts[level]) < 0) return level;
    return 255;
}

cv::Mat brightest(const cv::Mat &rgb) {
    cv::Mat planes[3], grey;
    cv::split(rgb, planes);
    cv::max(planes[0], planes[1], grey);
    cv::max(grey, planes[2], grey);
    return grey;
}

/// Whether all four corners are dark: most images are known not to be such photographs by that alone.
bool hasDarkCorners(const cv::Mat &rgb, int most) {
    const int side = std::max(4, std::min(rgb.rows, rgb.cols) / 16);
    if (rgb.rows < 4 * side || rgb.cols < 4 * side) return false;
    for (const int x : {0, rgb.cols - side})
        for (const int y : {0, rgb.rows - side})
            if (quantile(brightest(rgb(cv::Rect(x, y, side, side))), 0.9) > most) return false;
    return true;
}

/// Points a pixel apart along the hull of the largest bright part, but those at the image's edge.
std::vector<cv::Point2d> rim(const cv::Mat &isBright) {
    std::vector<std::vector<cv::Point>> outlines;
    cv::findContours(isBright, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    if (outlines.empty()) return {};
    const auto largest = std::max_element(outlines.begin(), outlines.end(), [](const auto &a, const auto &b) {
        return cv::contourArea(a) < cv::contourArea(b);
    });
    std::vector<cv::Point> hull;
    cv::convexHull(*largest, hull);
    std::vector<cv::Point2d> points;
    for (size_t i = 0; i < hull.size(); ++i) {
        const cv::Point2d from = hull[i], to = hull[(i + 1) % hull.size()];
        const int steps = std::max(1, static_cast<int>(std::hypot(to.x - from.x, to.y - from.y)));
        for (int step = 0; step < steps; ++step) {
            const cv::Point2d point = from + (to - from) * (static_cast<double>(step) / steps);
            if (point.x > 1 && point.y > 1 && point.x < isBright.cols - 2 && point.y < isBright.rows - 2)
                points.push_back(point);
        }
    }
    return points;
}

struct Fit {
    CVCircle circle;
    /// Median distance of the points from the circle, in radii, and how much of the circle they go round.
    double error, coverage;
};

double distance(const cv::Point2d &point, const CVCircle &circle) {
    return std::abs(std::hypot(point.x - circle.centerX, point.y - circle.centerY) - circle.radius);
}

/// The circle of least squares (Kåsa 1976), taken again without the farthest points.
Fit fitted(const std::vector<cv::Point2d> &points) {
    std::vector<cv::Point2d> used = points;
    Fit fit{};
    for (int round = 0; round < 4; ++round) {
        cv::Mat left(static_cast<int>(used.size()), 3, CV_64F), right(left.rows, 1, CV_64F), solution;
        for (int i = 0; i < left.rows; ++i) {
            left.at<double>(i, 0) = 2 * used[i].x;
            left.at<double>(i, 1) = 2 * used[i].y;
            left.at<double>(i, 2) = 1;
            right.at<double>(i) = used[i].dot(used[i]);
        }
        cv::solve(left, right, solution, cv::DECOMP_SVD);
        const double x = solution.at<double>(0), y = solution.at<double>(1);
        fit.circle = {x, y, std::sqrt(std::max(0., solution.at<double>(2) + x * x + y * y))};
        std::vector<double> distances;
        for (const auto &point : points) distances.push_back(distance(point, fit.circle));
        std::sort(distances.begin(), distances.end());
        fit.error = distances[distances.size() / 2] / std::max(1., fit.circle.radius);
        const double most = std::max(1., distances[distances.size() * 85 / 100]);
        used.clear();
        for (const auto &point : points)
            if (distance(point, fit.circle) <= most) used.push_back(point);
    }
    bool directions[36] = {};
    for (const auto &point : used) {
        const double angle = std::atan2(point.y - fit.circle.centerY, point.x - fit.circle.centerX);
        directions[static_cast<int>((angle / (2 * std::numbers::pi) + 0.5) * 36) % 36] = true;
    }
    fit.coverage = static_cast<double>(std::count(std::begin(directions), std::end(directions), true)) / 36;
    return fit;
}

/// Shares of bright pixels within the circle and well outside it; the second is 1 where hardly anything is outside.
std::pair<double, double> brightShares(const cv::Mat &isBright, const CVCircle &circle) {
    double inside = 0, brightInside = 0, outside = 0, brightOutside = 0;
    for (int y = 0; y < isBright.rows; ++y)
        for (int x = 0; x < isBright.cols; ++x) {
            const double place = std::hypot(x - circle.centerX, y - circle.centerY) / circle.radius;
            const bool isSet = isBright.at<uchar>(y, x) != 0;
            if (place < 0.95) inside += 1, brightInside += isSet;
            if (place > 1.08) outside += 1, brightOutside += isSet;
        }
    return {inside > 0 ? brightInside / inside : 0, outside > 50 ? brightOutside / outside : 1};
}

}  // namespace

extern "C" CSStatus cv_eyepiece_find(const uint8_t *pixels, int width, int height, CVCircle *circle, int *isFound,
                                     CSError *error) {
    return cvision::guardedOpenCV(error, [&] {
        *isFound = 0;
        const cv::Mat rgb = cvision::view(pixels, width, height);
        // What is black enough is known once the light of the whole is; nothing brighter than this ever is.
        if (!hasDarkCorners(rgb, 64)) return;
        const double scale = std::min(1., static_cast<double>(searchSide) / std::max(width, height));
        cv::Mat small;
        cv::resize(rgb, small, cv::Size(std::max(1, static_cast<int>(std::lround(width * scale))),
                                        std::max(1, static_cast<int>(std::lround(height * scale)))),
                   0, 0, cv::INTER_AREA);
        const cv::Mat grey = brightest(small);
        const int bright = quantile(grey, 0.8);
        if (bright < 40 || !hasDarkCorners(small, bright / 4)) return;
        const cv::Mat isBright = grey > 0.3 * bright;
        const auto points = rim(isBright);
        if (points.size() < 30) return;
        const Fit fit = fitted(points);
        const auto [inside, outside] = brightShares(isBright, fit.circle);
        if (fit.error > 0.02 || fit.coverage < 0.45 || inside < 0.75 || outside > 0.03 ||
            fit.circle.radius < 0.2 * std::min(small.rows, small.cols))
            return;
        *circle = {(fit.circle.centerX + 0.5) / scale, (fit.circle.centerY + 0.5) / scale, fit.circle.radius / scale};
        *isFound = 1;
    });
}
