#include "cells.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "cv_cells.h"
#include "pixels.hpp"

struct CVCells {
    std::vector<CVCell> list;
    std::vector<CVPoint> points;
};

namespace {

using Outline = std::vector<cv::Point2f>;

cv::Mat workingImage(const cv::Mat &rgb) {
    const int longer = std::max(rgb.cols, rgb.rows);
    const double scale =
        static_cast<double>(std::clamp(2 * longer, cvision::leastCellsSide, cvision::greatestCellsSide)) / longer;
    const cv::Size size(std::max(1, cvRound(rgb.cols * scale)), std::max(1, cvRound(rgb.rows * scale)));
    cv::Mat image;
    cv::resize(rgb, image, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return image;
}

/// The running mean over some border pixels, which takes the stairs off the outline.
Outline smoothed(const std::vector<cv::Point> &contour, cv::Size image) {
    const int count = static_cast<int>(contour.size());
    const int reach = std::min(cvision::odd(7, image) / 2, (count - 1) / 2);
    Outline result(contour.size());
    for (int i = 0; i < count; ++i) {
        cv::Point2f sum(0, 0);
        for (int j = -reach; j <= reach; ++j) sum += cv::Point2f(contour[(i + j + count) % count]);
        result[i] = sum / static_cast<float>(2 * reach + 1);
    }
    return result;
}

/// The largest outline of the pixels numbered `label`, and its filled mask.
std::vector<cv::Point> outline(const cv::Mat &labels, int label, cv::Rect place, cv::Mat &filled) {
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(labels(place) == label, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    filled = cv::Mat::zeros(place.size(), CV_8U);
    if (contours.empty()) return {};
    const auto largest = std::max_element(contours.begin(), contours.end(), [](const auto &a, const auto &b) {
        return cv::contourArea(a) < cv::contourArea(b);
    });
    cv::drawContours(filled, contours, static_cast<int>(largest - contours.begin()), cv::Scalar(255), cv::FILLED);
    for (cv::Point &point : *largest) point += place.tl();
    return *largest;
}

std::vector<cv::Rect> places(const cv::Mat &labels, int count) {
    std::vector<cv::Rect> result(count + 1);
    for (int y = 0; y < labels.rows; ++y)
        for (int x = 0; x < labels.cols; ++x) {
            const int label = labels.at<int>(y, x);
            if (label > 0) result[label] |= cv::Rect(x, y, 1, 1);
        }
    return result;
}

void append(const Outline &line, cv::Size size, CVCells &cells, int &first, int &count) {
    first = static_cast<int>(cells.points.size());
    count = static_cast<int>(line.size());
    for (const cv::Point2f &point : line)
        cells.points.push_back({(point.x + 0.5f) / size.width, (point.y + 0.5f) / size.height});
}

/// Areas are counted in pixels. The outline runs through the middle of the border's pixels, half a pixel inside; along
/// a closed line that is π pixels of length.
void measure(const cv::Mat &nuclei, const cv::Mat &cellLabels, int label, cv::Rect place, bool isDivided, double scale,
             CVCells &cells) {
    cv::Mat nucleus, whole;
    const Outline line = smoothed(outline(nuclei, label, place, nucleus), nuclei.size());
    const Outline border = smoothed(outline(cellLabels, label, place, whole), nuclei.size());
    if (line.size() < 3 || border.size() < 3) return;
    whole |= nucleus;
    CVCell cell{};
    const double area = cv::countNonZero(nucleus), length = cv::arcLength(line, true) + CV_PI;
    Outline hull;
    cv::convexHull(line, hull);
    cell.nucleusArea = area * scale * scale;
    cell.nucleusPerimeter = length * scale;
    cell.cellArea = cv::countNonZero(whole) * scale * scale;
    cell.solidity = std::min(1.0, cv::contourArea(line) / std::max(cv::contourArea(hull), 1.0));
    const cv::Moments moments = cv::moments(nucleus, true);
    cell.centerX = (moments.m10 / moments.m00 + place.x + 0.5) / nuclei.cols;
    cell.centerY = (moments.m01 / moments.m00 + place.y + 0.5) / nuclei.rows;
    cell.isDivided = isDivided;
    cell.touchesEdge = place.x <= 1 || place.y <= 1 || place.br().x >= nuclei.cols - 1 ||
                       place.br().y >= nuclei.rows - 1;
    append(line, nuclei.size(), cells, cell.nucleusFirst, cell.nucleusCount);
    append(border, nuclei.size(), cells, cell.cellFirst, cell.cellCount);
    cells.list.push_back(cell);
}

}  // namespace

extern "C" {

CSStatus cv_cells_find(const uint8_t *pixels, int width, int height, int maximum, CVCells **cells, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = workingImage(cvision::view(pixels, width, height));
        const cvision::SmearColours colours(image);
        const cvision::NucleusLabels nuclei = cvision::findNuclei(image, colours, maximum);
        auto result = std::make_unique<CVCells>();
        if (nuclei.count > 0) {
            const cv::Mat labels = cvision::findCells(colours, nuclei);
            const std::vector<cv::Rect> boxes = places(labels, nuclei.count);
            const double scale = static_cast<double>(std::max(width, height)) / std::max(image.cols, image.rows);
            for (int label = 1; label <= nuclei.count; ++label)
                measure(nuclei.labels, labels, label, boxes[label], nuclei.isDivided[label - 1], scale, *result);
            std::sort(result->list.begin(), result->list.end(), [](const CVCell &a, const CVCell &b) {
                return a.nucleusArea != b.nucleusArea ? a.nucleusArea > b.nucleusArea : a.nucleusFirst < b.nucleusFirst;
            });
        }
        *cells = result.release();
    });
}

size_t cv_cells_count(const CVCells *cells) { return cells->list.size(); }

const CVCell *cv_cells_list(const CVCells *cells) { return cells->list.data(); }

const CVPoint *cv_cells_points(const CVCells *cells) { return cells->points.data(); }

void cv_cells_free(CVCells *cells) { delete cells; }
}
