#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <tuple>

#include "scale.hpp"
#include "scale_edges.hpp"

namespace cvision {

namespace {

/// Radii that one reduction is searched for, in its pixels; the next one, half as large, goes on from there.
constexpr float radii[] = {4.5f, 5.5f, 6.7f, 8.2f, 10.0f};

struct Candidate {
    cv::Point2f middle;
    float radius;
};

/// Each edge votes for a middle, one radius further in. 1 is a circle whose whole outline votes for one place.
cv::Mat1f votes(const EdgeMap &map, float radius) {
    cv::Mat1f result(map.numbers.size(), 0.f);
    for (const Edge &edge : map.edges) {
        const cv::Point2f middle = edge.place + edge.inward * radius;
        const int x = cvRound(middle.x), y = cvRound(middle.y);
        if (x >= 0 && y >= 0 && x < result.cols && y < result.rows) result(y, x) += 1;
    }
    const double width = 0.16 * radius;
    const int size = 2 * cvCeil(2 * width) + 1;
    cv::GaussianBlur(result, result, cv::Size(size, size), width, width, cv::BORDER_CONSTANT);
    result *= width * width / radius;  // 2π width² of the kernel over 2π radius of the outline
    return result;
}

std::vector<Candidate> candidates(const EdgeMap &map) {
    cv::Mat1f most(map.numbers.size(), 0.f), best(map.numbers.size(), 0.f);
    for (const float radius : radii) {
        const cv::Mat1f count = votes(map, radius);
        for (int y = 0; y < most.rows; ++y)
            for (int x = 0; x < most.cols; ++x)
                if (count(y, x) > most(y, x)) { most(y, x) = count(y, x); best(y, x) = radius; }
    }
    cv::Mat1f highest;
    cv::dilate(most, highest, cv::Mat::ones(5, 5, CV_8U));
    std::vector<Candidate> result;
    for (int y = 0; y < most.rows; ++y)
        for (int x = 0; x < most.cols; ++x)
            if (most(y, x) >= 0.22f && most(y, x) >= highest(y, x))
                result.push_back({cv::Point2f(static_cast<float>(x), static_cast<float>(y)), best(y, x)});
    return result;
}

/// Whether a disc is stained: a quarter of a cell's density at least, for some have a wide pale middle.
bool isStained(const cv::Mat &density, const FittedOutline &outline, double least) {
    double sum = 0;
    int count = 0;
    const cv::Point2f middle = outline.middle;
    const float radius = outline.radius, inner = 0.8f * radius * radius;
    const int bottom = std::min(density.rows - 1, cvCeil(middle.y + radius));
    const int right = std::min(density.cols - 1, cvCeil(middle.x + radius));
    for (int y = std::max(0, cvFloor(middle.y - radius)); y <= bottom; ++y)
        for (int x = std::max(0, cvFloor(middle.x - radius)); x <= right; ++x) {
            const cv::Point2f away = cv::Point2f(static_cast<float>(x), static_cast<float>(y)) - middle;
            if (away.dot(away) > inner) continue;
            sum += density.at<uchar>(y, x);
            ++count;
        }
    return count > 0 && sum >= least * count;
}

/// Of cells that lie over each other the one whose outline was seen best.
std::vector<RoundCell> withoutDoubles(std::vector<RoundCell> cells) {
    std::sort(cells.begin(), cells.end(), [](const RoundCell &a, const RoundCell &b) {
        return std::tie(b.coverage, b.radius, a.middle.y, a.middle.x) <
               std::tie(a.coverage, a.radius, b.middle.y, b.middle.x);
    });
    std::vector<RoundCell> kept;
    for (const RoundCell &cell : cells) {
        const bool isFree = std::none_of(kept.begin(), kept.end(), [&](const RoundCell &other) {
            return cv::norm(cell.middle - other.middle) < 0.75 * std::max(cell.radius, other.radius);
        });
        if (isFree) kept.push_back(cell);
    }
    return kept;
}

}  // namespace

std::vector<RoundCell> outlinedCells(const StainDensity &stain) {
    std::vector<RoundCell> cells;
    // Nuclei are cut down to the density of cells, or their inner edges would outvote pale red cells.
    cv::Mat density = cv::min(stain.density, stain.glass + 1.5 * stain.contrast);
    while (std::min(density.cols, density.rows) >= 14) {
        const float scale = static_cast<float>(stain.density.cols) / static_cast<float>(density.cols);
        const EdgeMap map(density, static_cast<float>(0.07 * stain.contrast));
        for (const Candidate &candidate : candidates(map)) {
            const auto outline = fitOutline(map, candidate.middle, candidate.radius);
            if (!outline || !isStained(density, *outline, stain.glass + 0.25 * stain.contrast)) continue;
            cells.push_back({(outline->middle + cv::Point2f(0.5f, 0.5f)) * scale, outline->radius * scale,
                             outline->diameter * scale, outline->coverage});
        }
        cv::Mat half;
        cv::resize(density, half, cv::Size((density.cols + 1) / 2, (density.rows + 1) / 2), 0, 0, cv::INTER_AREA);
        density = half;
    }
    cells = withoutDoubles(std::move(cells));
    markWhiteCells(cells, stain);
    return cells;
}

}  // namespace cvision
