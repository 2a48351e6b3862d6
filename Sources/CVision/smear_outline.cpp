#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <queue>

#include "cells.hpp"
#include "pixels.hpp"
#include "smear.hpp"

namespace {

using cvision::grown;

constexpr double side = cvision::smearPixels;
/// The area of a red cell, in pixels.
constexpr double redArea = CV_PI * side * side / 4;

cv::Mat disc(int diameter) {
    return cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(diameter, diameter));
}

/// Otsu's threshold of floats from 0 to `top` where `mask` is set.
float otsu(const cv::Mat &values, const cv::Mat &mask, float top, double &separability) {
    cv::Mat bytes;
    values.convertTo(bytes, CV_8U, 255 / top);
    const cvision::Division division = cvision::divide(bytes, mask);
    separability = division.separability;
    return (static_cast<float>(division.threshold) + 0.5f) * top / 255;
}

/// Pixels that stain as nuclei do: Otsu over the whole field, then each region by itself, without its cytoplasm.
cv::Mat stained(const std::vector<cv::Mat> &density) {
    cv::Mat purple = cvision::purpleness(density), mask, numbers, boxes, unused, dark;
    cv::GaussianBlur(purple, purple, cv::Size(), 0.8);
    double separability = 0;
    const float threshold = std::max(0.05f, otsu(purple, cv::Mat(), 1, separability));
    mask = purple > threshold;
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, disc(3));
    // Nuclei are denser than the cytoplasm around them in red and green.
    cv::add(density[0], density[1], dark);
    cv::GaussianBlur(dark, dark, cv::Size(), 0.7);
    const int count = cv::connectedComponentsWithStats(mask, numbers, boxes, unused, 8, CV_32S);
    cv::Mat kept = cv::Mat::zeros(mask.size(), CV_8U);
    for (int number = 1; number < count; ++number) {
        const int *box = boxes.ptr<int>(number);
        if (box[cv::CC_STAT_AREA] < 0.06 * redArea) continue;
        const cv::Rect place(box[cv::CC_STAT_LEFT], box[cv::CC_STAT_TOP], box[cv::CC_STAT_WIDTH],
                             box[cv::CC_STAT_HEIGHT]);
        const cv::Mat region = numbers(place) == number;
        cv::Mat bytes;
        dark(place).convertTo(bytes, CV_8U, 255 / 4.0);
        const cvision::Division division = cvision::divide(bytes, region);
        const bool divides = division.separability > 0.68 && division.lowerMean < 0.62 * division.upperMean &&
                             division.lowerShare > 0.1 && division.lowerShare < 0.85;
        kept(place).setTo(255, divides ? cv::Mat(region & (bytes > division.threshold)) : region);
    }
    cv::morphologyEx(kept, kept, cv::MORPH_OPEN, disc(3));
    return kept;
}

cv::Mat inside(const cv::Mat &mask) {
    cv::Mat padded, distance;
    cv::copyMakeBorder(mask, padded, 1, 1, 1, 1, cv::BORDER_REPLICATE);
    cv::distanceTransform(padded, distance, cv::DIST_L2, cv::DIST_MASK_5);
    return distance(cv::Rect(1, 1, mask.cols, mask.rows)).clone();
}

/// Middles of round parts: peaks of the smoothed distance to the border, the highest first, none within reach of a
/// higher one; lobes close to each other count as one.
std::vector<cv::Point> peaks(const cv::Mat &mask) {
    cv::Mat distance = inside(mask), highest;
    cv::GaussianBlur(distance, distance, cv::Size(), 1);
    cv::dilate(distance, highest, disc(7));
    std::vector<std::pair<float, cv::Point>> found;
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x) {
            const float value = distance.at<float>(y, x);
            if (value > 1.5f && value >= highest.at<float>(y, x)) found.push_back({value, cv::Point(x, y)});
        }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        if (a.first != b.first) return a.first > b.first;
        return a.second.y != b.second.y ? a.second.y < b.second.y : a.second.x < b.second.x;
    });
    std::vector<std::pair<float, cv::Point>> kept;
    for (const auto &peak : found) {
        const bool isApart = std::all_of(kept.begin(), kept.end(), [&](const auto &other) {
            const double away = cv::norm(peak.second - other.second);
            return away > std::max(0.45 * side, 1.25 * other.first) && away > 0.5 * (peak.first + other.first) + 0.3 * side;
        });
        if (isApart) kept.push_back(peak);
    }
    std::vector<cv::Point> places;
    for (const auto &peak : kept) places.push_back(peak.second);
    return places;
}

/// How far from its seed stain that is not joined to it may lie: the lobes of one nucleus, in red cells.
constexpr double lobeReach = 0.6;

/// Gives each stained pixel the number of its seed. Seeds flood the stain from deep inside outwards, so that cells that
/// touch part at their waist; what no flood reaches goes to the nearest seed, if that is near.
cv::Mat shared(const cv::Mat &mask, const std::vector<cv::Point> &seeds) {
    struct Step {
        float depth;
        int order;
        cv::Point place;
        bool operator<(const Step &other) const {
            return depth != other.depth ? depth < other.depth : order > other.order;
        }
    };
    const cv::Mat distance = inside(mask);
    cv::Mat labels = cv::Mat::zeros(mask.size(), CV_32S);
    std::priority_queue<Step> queue;
    int order = 0;
    for (size_t i = 0; i < seeds.size(); ++i) {
        const cv::Rect around = cv::Rect(seeds[i].x - 2, seeds[i].y - 2, 5, 5) & cv::Rect(cv::Point(), mask.size());
        for (int y = around.y; y < around.br().y; ++y)
            for (int x = around.x; x < around.br().x; ++x)
                if (mask.at<uchar>(y, x) && !labels.at<int>(y, x)) {
                    labels.at<int>(y, x) = static_cast<int>(i) + 1;
                    queue.push({distance.at<float>(y, x), order++, cv::Point(x, y)});
                }
    }
    constexpr int dx[] = {1, -1, 0, 0}, dy[] = {0, 0, 1, -1};
    while (!queue.empty()) {
        const Step step = queue.top();
        queue.pop();
        for (int side = 0; side < 4; ++side) {
            const cv::Point next = step.place + cv::Point(dx[side], dy[side]);
            if (next.x < 0 || next.y < 0 || next.x >= mask.cols || next.y >= mask.rows) continue;
            if (!mask.at<uchar>(next) || labels.at<int>(next)) continue;
            labels.at<int>(next) = labels.at<int>(step.place);
            queue.push({std::min(distance.at<float>(next), step.depth), order++, next});
        }
    }
    cv::Mat numbers;
    const int regions = cv::connectedComponents((labels == 0) & mask, numbers, 8, CV_32S);
    std::vector<std::pair<double, int>> nearest(static_cast<size_t>(regions), {lobeReach * side, 0});
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x) {
            const int number = numbers.at<int>(y, x);
            if (number == 0) continue;
            for (size_t i = 0; i < seeds.size(); ++i) {
                const double away = cv::norm(seeds[i] - cv::Point(x, y));
                auto &best = nearest[static_cast<size_t>(number)];
                if (away < best.first) best = {away, static_cast<int>(i) + 1};
            }
        }
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            if (const int number = numbers.at<int>(y, x))
                labels.at<int>(y, x) = nearest[static_cast<size_t>(number)].second;
    return labels;
}

/// Where the body of a cell may lie: tissue that is not the colour of red cells.
cv::Mat bodies(const std::vector<cv::Mat> &density, const cv::Mat &nuclei) {
    cv::Mat sum = (density[0] + density[1] + density[2]) / 3, purple = cvision::purpleness(density);
    cv::GaussianBlur(sum, sum, cv::Size(), 0.8);
    cv::GaussianBlur(purple, purple, cv::Size(), 0.8);
    const cv::Mat isNucleus = nuclei > 0;
    cv::Mat away;
    cv::dilate(isNucleus, away, disc(cvRound(1.1 * side) | 1));
    const cv::Mat red = (away == 0) & (sum > 0.06);
    const double nucleusPurple = cv::mean(purple, isNucleus)[0];
    const double redPurple = cv::countNonZero(red) > 50 ? cv::mean(purple, red)[0] : 0;
    return ((sum > 0.035) & (purple > redPurple + 0.14 * std::max(0.05, nucleusPurple - redPurple))) | isNucleus;
}

cv::Mat spread(const cv::Mat &nuclei, const std::vector<cv::Mat> &density, int count) {
    cv::Mat distance, nearest = cvision::nearestLabels(nuclei, distance);
    std::vector<double> reach(static_cast<size_t>(count) + 1, 0);
    for (int y = 0; y < nuclei.rows; ++y)
        for (int x = 0; x < nuclei.cols; ++x) reach[static_cast<size_t>(nuclei.at<int>(y, x))] += 1;
    for (double &value : reach) value = std::clamp(0.9 * std::sqrt(value / CV_PI), 0.2 * side, 0.55 * side);
    cv::Mat mask = bodies(density, nuclei);
    for (int y = 0; y < mask.rows; ++y)
        for (int x = 0; x < mask.cols; ++x)
            if (distance.at<float>(y, x) > reach[static_cast<size_t>(nearest.at<int>(y, x))]) mask.at<uchar>(y, x) = 0;
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, disc(3));
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, disc(5));
    mask |= nuclei > 0;
    cv::Mat cells = cv::Mat::zeros(nuclei.size(), CV_32S);
    nearest.copyTo(cells, mask);
    return cells;
}

std::vector<cv::Rect> places(const cv::Mat &labels, int count) {
    std::vector<cv::Rect> result(static_cast<size_t>(count) + 1);
    for (int y = 0; y < labels.rows; ++y)
        for (int x = 0; x < labels.cols; ++x)
            if (const int label = labels.at<int>(y, x); label > 0) result[static_cast<size_t>(label)] |= cv::Rect(x, y, 1, 1);
    return result;
}

std::vector<cv::Point> largest(const std::vector<std::vector<cv::Point>> &contours) {
    return *std::max_element(contours.begin(), contours.end(), [](const auto &a, const auto &b) {
        return cv::contourArea(a) < cv::contourArea(b);
    });
}

void append(CVSmear &smear, std::vector<cv::Point> line, cv::Point corner, int &first, int &count) {
    first = static_cast<int>(smear.points.size());
    const int length = static_cast<int>(line.size());
    count = length;
    for (int i = 0; i < length; ++i) {
        cv::Point2f sum(0, 0);
        const int reach = std::min(1, (length - 1) / 2);
        for (int j = -reach; j <= reach; ++j) sum += cv::Point2f(line[static_cast<size_t>((i + j + length) % length)]);
        sum = sum / static_cast<float>(2 * reach + 1) + cv::Point2f(corner);
        smear.points.push_back({std::min(1.f, (sum.x + 0.5f) / static_cast<float>(smear.inner.width)),
                                std::min(1.f, (sum.y + 0.5f) / static_cast<float>(smear.inner.height))});
    }
}

void measure(CVSmear &smear, int label, cv::Rect place) {
    const cv::Mat nucleus = smear.nuclei(place) == label, cell = smear.cells(place) == label;
    const double area = cv::countNonZero(nucleus);
    if (area < 0.1 * redArea) return;
    std::vector<std::vector<cv::Point>> lines, bodies;
    cv::findContours(nucleus, lines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    cv::findContours(cell, bodies, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    CVWhiteCell result{};
    result.nucleusParts = static_cast<int>(lines.size());
    std::vector<cv::Point> all, hull;
    for (const auto &line : lines) all.insert(all.end(), line.begin(), line.end());
    cv::convexHull(all, hull);
    const double hullArea = cv::contourArea(hull) + 0.5 * cv::arcLength(hull, true) + 1;
    result.solidity = std::min(1.0, area / hullArea);
    result.nucleusArea = area / redArea;
    result.cellArea = cv::countNonZero(cell) / redArea;
    for (int channel = 0; channel < 3; ++channel)
        result.density[channel] = cv::mean(smear.density[static_cast<size_t>(channel)](place), nucleus)[0];
    const cv::Moments moments = cv::moments(nucleus, true);
    const double toX = smear.image.cols / static_cast<double>(smear.inner.width);
    const double toY = smear.image.rows / static_cast<double>(smear.inner.height);
    result.centerX = (moments.m10 / moments.m00 + place.x + 0.5) * toX;
    result.centerY = (moments.m01 / moments.m00 + place.y + 0.5) * toY;
    result.left = place.x * toX;
    result.top = place.y * toY;
    result.right = std::min<double>(smear.image.cols, place.br().x * toX);
    result.bottom = std::min<double>(smear.image.rows, place.br().y * toY);
    result.touchesEdge = place.x <= 0 || place.y <= 0 || place.br().x >= smear.inner.width ||
                         place.br().y >= smear.inner.height;
    result.place = label - 1;
    append(smear, largest(lines), place.tl(), result.nucleusFirst, result.nucleusCount);
    append(smear, largest(bodies), place.tl(), result.cellFirst, result.cellCount);
    smear.list.push_back(result);
    smear.labels.push_back(label);
}

}  // namespace

extern "C" CSStatus cv_smear_outline(CVSmear *smear, const CVSeed *seeds, size_t count, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        smear->list.clear();
        smear->labels.clear();
        smear->points.clear();
        const cv::Mat mask = stained(smear->density);
        std::vector<cv::Point> places;
        if (seeds == nullptr) {
            places = peaks(mask);
        } else {
            for (size_t i = 0; i < count; ++i)
                places.emplace_back(std::clamp(static_cast<int>(seeds[i].x * smear->scale), 0, mask.cols - 1),
                                    std::clamp(static_cast<int>(seeds[i].y * smear->scale), 0, mask.rows - 1));
        }
        if (places.empty()) return;
        const int labels = static_cast<int>(places.size());
        smear->nuclei = shared(mask, places);
        smear->cells = spread(smear->nuclei, smear->density, labels);
        const std::vector<cv::Rect> boxes = ::places(smear->cells, labels);
        for (int label = 1; label <= labels; ++label)
            if (boxes[static_cast<size_t>(label)].area() > 0) measure(*smear, label, boxes[static_cast<size_t>(label)]);
    });
}
