#include "scale.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "cv_scale.h"
#include "pixels.hpp"

namespace {

/// The longest side in which cells are looked for, in pixels: the smallest found are a fiftieth of it wide.
constexpr int workingSide = 448;

/// How an image is turned before it is measured.
struct Turn {
    bool isTransposed = false, isMirrored = false, isUpsideDown = false;
};

/// The turn that brings the light to the right and to the bottom, and that more to the right; from sums of whole numbers,
/// so that it is the same one for every turn of an image.
Turn upright(const cv::Mat &rgb) {
    int64_t toRight = 0, toBottom = 0;
    for (int y = 0; y < rgb.rows; ++y) {
        const cv::Vec3b *row = rgb.ptr<cv::Vec3b>(y);
        int64_t sum = 0;
        for (int x = 0; x < rgb.cols; ++x) {
            const int light = row[x][0] + row[x][1] + row[x][2];
            sum += light;
            toRight += static_cast<int64_t>(2 * x + 1 - rgb.cols) * light;
        }
        toBottom += (2 * y + 1 - rgb.rows) * sum;
    }
    Turn turn{false, toRight < 0, toBottom < 0};
    turn.isTransposed = rgb.rows > rgb.cols || (rgb.rows == rgb.cols && std::abs(toBottom) > std::abs(toRight));
    return turn;
}

/// Where a part of the turned image lies in the image as it was given.
cv::Rect origin(cv::Rect part, cv::Size image, const Turn &turn) {
    if (turn.isTransposed) part = cv::Rect(part.y, part.x, part.height, part.width);
    if (turn.isMirrored) part.x = image.width - part.x - part.width;
    if (turn.isUpsideDown) part.y = image.height - part.y - part.height;
    return part;
}

cv::Mat turned(const cv::Mat &part, const Turn &turn) {
    cv::Mat result = part.clone();
    if (turn.isMirrored) cv::flip(result, result, 1);
    if (turn.isUpsideDown) cv::flip(result, result, 0);
    if (turn.isTransposed) cv::transpose(result, result);
    return result;
}

/// The middle of the image and the middles of its quarters.
std::vector<cv::Rect> parts(cv::Size image, cv::Size size) {
    const int right = image.width - size.width, bottom = image.height - size.height;
    std::vector<cv::Rect> result{{cv::Point(right / 2, bottom / 2), size}};
    for (const int x : {right / 4, right - right / 4})
        for (const int y : {bottom / 4, bottom - bottom / 4}) result.push_back({cv::Point(x, y), size});
    return result;
}

CVScaleReading reading(const std::vector<cvision::RoundCell> &cells, double reduction) {
    const cvision::UsualDiameter usual = cvision::usualDiameter(cells);
    const auto white = std::count_if(cells.begin(), cells.end(), [](const auto &cell) { return cell.isWhite; });
    return {usual.pixels * reduction, usual.spread, usual.count, static_cast<int>(white)};
}

CVScaleField measure(const cv::Mat &part, double reduction) {
    const cv::Size size(std::max(1, cvRound(part.cols / reduction)), std::max(1, cvRound(part.rows / reduction)));
    cv::Mat image = part;
    if (size != part.size()) cv::resize(part, image, size, 0, 0, cv::INTER_AREA);
    const cvision::StainDensity stain(image);
    // Less than a fiftieth of a decade is noise of the camera.
    if (stain.contrast < 0.02 * cvision::densityUnit) return {};
    const double scale = static_cast<double>(part.cols) / image.cols;
    return {reading(cvision::outlinedCells(stain), scale), reading(cvision::inscribedCells(stain), scale)};
}

double wholeReduction(int width, int height) { return std::max(1.0, std::max(width, height) / double{workingSide}); }

}  // namespace

extern "C" {

int cv_scale_levels(int width, int height) {
    return 1 + static_cast<int>(std::ceil(std::log2(wholeReduction(width, height)) - 1e-9));
}

CSStatus cv_scale_measure(const uint8_t *pixels, int width, int height, int level, CVScaleField *fields, int *count,
                          CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (level < 0 || level >= cv_scale_levels(width, height)) throw std::invalid_argument("there is no such level");
        const cv::Mat image = cvision::view(pixels, width, height);
        const Turn turn = upright(image);
        const double reduction = std::max(1.0, wholeReduction(width, height) / std::exp2(level));
        const cv::Size whole = turn.isTransposed ? cv::Size(height, width) : cv::Size(width, height);
        const int side = cvRound(workingSide * reduction);
        const cv::Size size(std::min(whole.width, side), std::min(whole.height, side));
        const std::vector<cv::Rect> places = level == 0 ? std::vector{cv::Rect(cv::Point(), whole)} : parts(whole, size);
        *count = static_cast<int>(places.size());
        for (int i = 0; i < *count; ++i)
            fields[i] = measure(turned(image(origin(places[i], image.size(), turn)), turn), reduction);
    });
}
}
