#include "scale.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "cv_scale.h"
#include "pixels.hpp"
#include "turn.hpp"

namespace {

/// The longest side in which cells are looked for, in pixels: the smallest found are a fiftieth of it wide.
constexpr int workingSide = 448;

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
    return {usual.pixels * reduction, usual.spread, usual.coverage, usual.count, static_cast<int>(white)};
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
        const cvision::Turn turn = cvision::upright(image);
        const double reduction = std::max(1.0, wholeReduction(width, height) / std::exp2(level));
        const cv::Size whole = turn.isTransposed ? cv::Size(height, width) : cv::Size(width, height);
        const int side = cvRound(workingSide * reduction);
        const cv::Size size(std::min(whole.width, side), std::min(whole.height, side));
        const std::vector<cv::Rect> places =
            level == 0 ? std::vector{cv::Rect(cv::Point(), whole)} : parts(whole, size);
        *count = static_cast<int>(places.size());
        for (int i = 0; i < *count; ++i) {
            const cv::Mat part = image(cvision::origin(places[i], image.size(), turn));
            fields[i] = measure(cvision::turned(part, turn), reduction);
        }
    });
}

CSStatus cv_scale_resize(const uint8_t *pixels, int width, int height, uint8_t *output, int outputWidth,
                         int outputHeight, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = cvision::view(pixels, width, height);
        const cvision::Turn turn = cvision::upright(image);
        cv::Size size(outputWidth, outputHeight);
        if (turn.isTransposed) std::swap(size.width, size.height);
        const cv::Mat from = cvision::turned(image, turn);
        const bool isReduced = size.width <= from.cols && size.height <= from.rows;
        cv::Mat resized;
        cv::resize(from, resized, size, 0, 0, isReduced ? cv::INTER_AREA : cv::INTER_LINEAR);
        cvision::store(cvision::turnedBack(resized, turn), output, outputWidth, outputHeight);
    });
}

CSStatus cv_scale_upright(const uint8_t *pixels, int width, int height, CVTurn *turn, uint8_t *output, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (width != height) throw std::invalid_argument("only a square keeps its size in every turn");
        const cv::Mat image = cvision::view(pixels, width, height);
        const cvision::Turn upright = cvision::upright(image);
        *turn = {upright.isMirrored, upright.isUpsideDown, upright.isTransposed};
        cvision::store(cvision::turned(image, upright), output, width, height);
    });
}

CSStatus cv_scale_glass(const uint8_t *pixels, int width, int height, uint8_t colour[3], CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Vec3b glass = cvision::glassColour(cvision::view(pixels, width, height));
        for (int channel = 0; channel < 3; ++channel) colour[channel] = glass[channel];
    });
}
}
