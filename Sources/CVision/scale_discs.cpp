#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "scale.hpp"

namespace cvision {

namespace {

/// Rays from the middle of a disc, evenly spread and none of them along an axis: a turn by 90° maps them on each other.
constexpr int rayCount = 32;

/// The stained area with the pale middles of red cells: holes that are small, or about as wide as high and full.
cv::Mat withoutHoles(const cv::Mat &stained) {
    cv::Mat labels, boxes, unused, result = stained.clone();
    const int count = cv::connectedComponentsWithStats(~stained, labels, boxes, unused, 4, CV_32S);
    std::vector<char> isFilled(count, 0);
    for (int label = 1; label < count; ++label) {
        const int *box = boxes.ptr<int>(label);
        const cv::Rect place(box[cv::CC_STAT_LEFT], box[cv::CC_STAT_TOP], box[cv::CC_STAT_WIDTH],
                             box[cv::CC_STAT_HEIGHT]);
        const bool isInside = place.x > 0 && place.y > 0 && place.br().x < stained.cols && place.br().y < stained.rows;
        const double area = box[cv::CC_STAT_AREA], aspect = static_cast<double>(place.width) / place.height;
        const bool isRound = area > 0.6 * place.area() && aspect > 0.5 && aspect < 2;
        isFilled[label] = isInside && (area < 12 || (isRound && area < 0.02 * static_cast<double>(stained.total())));
    }
    for (int y = 0; y < result.rows; ++y)
        for (int x = 0; x < result.cols; ++x)
            if (isFilled[labels.at<int>(y, x)]) result.at<uchar>(y, x) = 255;
    return result;
}

struct Disc {
    float radius;
    cv::Point middle;
};

/// The largest discs inside of the area, none with its middle in another: peaks of the distance to the border.
std::vector<Disc> largestDiscs(const cv::Mat &area) {
    cv::Mat padded, distance, highest;
    // What touches the image's edge goes on beyond it.
    cv::copyMakeBorder(area, padded, 1, 1, 1, 1, cv::BORDER_REPLICATE);
    cv::distanceTransform(padded, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    distance = distance(cv::Rect(1, 1, area.cols, area.rows));
    cv::dilate(distance, highest, cv::Mat::ones(3, 3, CV_8U));
    std::vector<Disc> peaks, discs;
    for (int y = 0; y < area.rows; ++y)
        for (int x = 0; x < area.cols; ++x) {
            const float radius = distance.at<float>(y, x);
            if (radius >= 3.2f && radius >= highest.at<float>(y, x)) peaks.push_back({radius, {x, y}});
        }
    std::sort(peaks.begin(), peaks.end(), [](const Disc &a, const Disc &b) {
        return std::tie(b.radius, a.middle.y, a.middle.x) < std::tie(a.radius, b.middle.y, b.middle.x);
    });
    for (const Disc &peak : peaks) {
        const bool isFree = std::none_of(discs.begin(), discs.end(), [&](const Disc &disc) {
            const cv::Point away = peak.middle - disc.middle;
            return static_cast<float>(away.dot(away)) < 0.8f * disc.radius * disc.radius;
        });
        if (isFree) discs.push_back(peak);
        if (discs.size() == 2000) break;
    }
    return discs;
}

/// How far the area reaches along a ray between 0.8 and 1.5 radii; 0 where its border is not there.
float reach(const cv::Mat &area, const Disc &disc, double angle) {
    const double x = std::cos(angle), y = std::sin(angle);
    for (double length = 0.8 * disc.radius; length < 1.5 * disc.radius; length += 0.5) {
        const cv::Point place(cvRound(disc.middle.x + x * length), cvRound(disc.middle.y + y * length));
        if (place.x < 0 || place.y < 0 || place.x >= area.cols || place.y >= area.rows) return 0;
        if (!area.at<uchar>(place)) return static_cast<float>(length - 0.25);
    }
    return 0;
}

}  // namespace

std::vector<RoundCell> inscribedCells(const StainDensity &stain) {
    const cv::Mat area = withoutHoles(stain.stained);
    std::vector<RoundCell> cells;
    for (const Disc &disc : largestDiscs(area)) {
        int seen = 0;
        float squares = 0;
        for (int ray = 0; ray < rayCount; ++ray) {
            const float length = reach(area, disc, (ray + 0.5) * 2 * CV_PI / rayCount);
            seen += length > 0;
            squares += length * length;
        }
        const float coverage = static_cast<float>(seen) / rayCount;
        if (coverage < 0.55f) continue;
        const float radius = std::sqrt(squares / static_cast<float>(seen));
        cells.push_back({disc.middle, radius, 2 * radius, coverage});
    }
    markWhiteCells(cells, stain);
    return cells;
}

}  // namespace cvision
