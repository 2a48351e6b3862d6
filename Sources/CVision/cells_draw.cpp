#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "cv_cells.h"
#include "pixels.hpp"

namespace {

/// Fractional bits of the coordinates of a line.
constexpr int shift = 4;
/// Points of an outline that come nearer to the one before, in pixels, are left out: the eye misses none.
constexpr float nearest = 5;
/// Lengths of a dash, and of a dash with its gap, in pixels.
constexpr double dash = 8, period = 14;
const cv::Scalar seamColour(20, 20, 30), solidColour(255, 235, 60), dashedColour(255, 255, 255);

void drawSolid(cv::Mat &image, const std::vector<cv::Point> &line) {
    cv::polylines(image, line, true, seamColour, 4, cv::LINE_AA, shift);
    cv::polylines(image, line, true, solidColour, 2, cv::LINE_AA, shift);
}

void drawDashed(cv::Mat &image, const std::vector<cv::Point> &line) {
    double length = 0;
    for (size_t i = 0; i < line.size(); ++i) {
        const cv::Point from = line[i], to = line[(i + 1) % line.size()];
        if (std::fmod(length, period) < dash) {
            cv::line(image, from, to, seamColour, 3, cv::LINE_AA, shift);
            cv::line(image, from, to, dashedColour, 1, cv::LINE_AA, shift);
        }
        length += cv::norm(to - from) / (1 << shift);
    }
}

/// Writes the number around `centre`, moved into the picture where it would leave it.
void drawNumber(cv::Mat &image, int number, cv::Point2f centre) {
    const std::string text = std::to_string(number);
    int baseline = 0;
    const cv::Size size = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, 0.5, 1, &baseline);
    const int right = std::max(1, image.cols - size.width - 1), bottom = std::max(size.height + 1, image.rows - 2);
    const cv::Point place(std::clamp(cvRound(centre.x) - size.width / 2, 1, right),
                          std::clamp(cvRound(centre.y) + size.height / 2, size.height + 1, bottom));
    cv::putText(image, text, place, cv::FONT_HERSHEY_SIMPLEX, 0.5, seamColour, 4, cv::LINE_AA);
    cv::putText(image, text, place, cv::FONT_HERSHEY_SIMPLEX, 0.5, dashedColour, 1, cv::LINE_AA);
}

}  // namespace

extern "C" CSStatus cv_draw_outline(uint8_t *pixels, int width, int height, const CVPoint *points, size_t count,
                                    int isDashed, int number, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat image(height, width, CV_8UC3, pixels);
        std::vector<cv::Point> line;
        cv::Point2f centre(0, 0), last(-nearest, -nearest);
        for (size_t i = 0; i < count; ++i) {
            const cv::Point2f place(points[i].x * width - 0.5f, points[i].y * height - 0.5f);
            centre += place / static_cast<float>(count);
            if (i > 0 && std::max(std::abs(place.x - last.x), std::abs(place.y - last.y)) < nearest) continue;
            line.emplace_back(cvRound(place.x * (1 << shift)), cvRound(place.y * (1 << shift)));
            last = place;
        }
        if (line.empty()) return;
        if (isDashed) drawDashed(image, line); else drawSolid(image, line);
        if (number > 0) drawNumber(image, number, centre);
    });
}
