#include "scale_edges.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace cvision {

namespace {

/// Directions from a middle in which edges are looked for.
constexpr int sectorCount = 36;

/// In each sector the edge that faces the middle best and lies nearest to the circle.
std::vector<cv::Point2f> facingEdges(const EdgeMap &map, cv::Point2f middle, float radius) {
    std::array<float, sectorCount> best;
    std::array<int, sectorCount> chosen;
    best.fill(-1);
    const int reach = cvCeil(1.4f * radius) + 1, centreX = cvRound(middle.x), centreY = cvRound(middle.y);
    for (int y = std::max(0, centreY - reach); y <= std::min(map.numbers.rows - 1, centreY + reach); ++y)
        for (int x = std::max(0, centreX - reach); x <= std::min(map.numbers.cols - 1, centreX + reach); ++x) {
            const int number = map.numbers(y, x);
            if (number < 0) continue;
            const Edge &edge = map.edges[number];
            const cv::Point2f away = edge.place - middle;
            const float distance = std::sqrt(away.dot(away)), share = distance / radius;
            if (distance < 1 || share < 0.7f || share > 1.4f) continue;
            const float facing = -away.dot(edge.inward) / distance;
            if (facing < 0.8f) continue;
            const double turn = (std::atan2(away.y, away.x) + CV_PI) / (2 * CV_PI);
            const int sector = std::clamp(static_cast<int>(turn * sectorCount), 0, sectorCount - 1);
            const float value = facing - std::abs(share - 1);
            if (value > best[sector]) { best[sector] = value; chosen[sector] = number; }
        }
    std::vector<cv::Point2f> places;
    for (int sector = 0; sector < sectorCount; ++sector)
        if (best[sector] > -1) places.push_back(map.edges[chosen[sector]].place);
    return places;
}

/// Mean distance of the places from the ellipse, as a share of its radius.
float deviation(const cv::RotatedRect &ellipse, const std::vector<cv::Point2f> &places) {
    const float turn = ellipse.angle * static_cast<float>(CV_PI) / 180, cosine = std::cos(turn), sine = std::sin(turn);
    float sum = 0;
    for (const cv::Point2f &place : places) {
        const cv::Point2f away = place - ellipse.center;
        const float along = 2 * (away.x * cosine + away.y * sine) / ellipse.size.width;
        const float across = 2 * (away.y * cosine - away.x * sine) / ellipse.size.height;
        sum += std::abs(std::sqrt(along * along + across * across) - 1);
    }
    return sum / static_cast<float>(places.size());
}

/// The mean of the sides of the upright rectangle around an ellipse.
float boxDiameter(const cv::RotatedRect &ellipse) {
    const double turn = ellipse.angle * CV_PI / 180, cosine = std::cos(turn), sine = std::sin(turn);
    const double width = std::hypot(ellipse.size.width * cosine, ellipse.size.height * sine);
    const double height = std::hypot(ellipse.size.width * sine, ellipse.size.height * cosine);
    return static_cast<float>(std::sqrt(width * height));
}

}  // namespace

EdgeMap::EdgeMap(const cv::Mat &density, float threshold) : numbers(density.size(), -1) {
    cv::Mat smooth, alongX, alongY;
    cv::GaussianBlur(density, smooth, cv::Size(5, 5), 1);
    cv::Sobel(smooth, alongX, CV_16S, 1, 0);
    cv::Sobel(smooth, alongY, CV_16S, 0, 1);
    constexpr float perPixel = 1 / 8.f;  // a Sobel filter sums eight steps of one pixel
    cv::Mat1f change(density.size());
    for (int y = 0; y < change.rows; ++y) {
        const short *x1 = alongX.ptr<short>(y), *y1 = alongY.ptr<short>(y);
        float *row = change[y];
        for (int x = 0; x < change.cols; ++x)
            row[x] = perPixel * std::sqrt(static_cast<float>(x1[x] * x1[x] + y1[x] * y1[x]));
    }
    for (int y = 1; y < change.rows - 1; ++y)
        for (int x = 1; x < change.cols - 1; ++x) {
            const float here = change(y, x);
            if (here < threshold || here == 0) continue;
            const float share = perPixel / here;
            const cv::Point2f inward(alongX.at<short>(y, x) * share, alongY.at<short>(y, x) * share);
            const int stepX = cvRound(inward.x), stepY = cvRound(inward.y);
            const float after = change(y + stepY, x + stepX), before = change(y - stepY, x - stepX);
            if (here < before || here < after) continue;
            // The top of the parabola through the three.
            const float bend = before - 2 * here + after;
            const float top = bend < 0 ? std::clamp(0.5f * (before - after) / bend, -0.5f, 0.5f) : 0;
            const float length = std::sqrt(static_cast<float>(stepX * stepX + stepY * stepY));
            numbers(y, x) = static_cast<int>(edges.size());
            const cv::Point2f place(static_cast<float>(x), static_cast<float>(y));
            edges.push_back({place + inward * (top * length), inward});
        }
}

std::optional<FittedOutline> fitOutline(const EdgeMap &map, cv::Point2f middle, float radius) {
    const cv::Point2f first = middle;
    const float firstRadius = radius;
    std::vector<cv::Point2f> places;
    cv::RotatedRect ellipse;
    for (int round = 0; round < 2; ++round) {
        places = facingEdges(map, middle, radius);
        if (places.size() < sectorCount / 2) return {};
        ellipse = cv::fitEllipseDirect(places);
        const float longer = std::max(ellipse.size.width, ellipse.size.height) / 2;
        const float shorter = std::min(ellipse.size.width, ellipse.size.height) / 2;
        // Written so that a fit of no numbers is left out too.
        if (!(shorter > 2 && longer < 1.9f * shorter && longer < 2.2f * firstRadius && shorter > 0.5f * firstRadius))
            return {};
        middle = ellipse.center;
        radius = std::sqrt(longer * shorter);
    }
    const float away = static_cast<float>(cv::norm(middle - first)), off = deviation(ellipse, places);
    if (away > 0.6f * firstRadius || off > 0.09f) return {};
    const float coverage = static_cast<float>(places.size()) / sectorCount * (1 - 2 * off);
    return FittedOutline{middle, radius, coverage, boxDiameter(ellipse)};
}

}  // namespace cvision
