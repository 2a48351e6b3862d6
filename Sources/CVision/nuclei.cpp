#include "cv_nuclei.h"

#include <memory>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "guarded.hpp"

struct CVNuclei {
    std::vector<CVNucleus> list;
    std::vector<CVPoint> points;
};

namespace {

/// How strongly a pixel takes the azure dye, 0 to 255: nuclei are saturated and pass little green.
cv::Mat stainStrength(const cv::Mat &rgb) {
    cv::Mat hsv, saturation, green, strength;
    cv::cvtColor(rgb, hsv, cv::COLOR_RGB2HSV);
    cv::extractChannel(hsv, saturation, 1);
    cv::extractChannel(rgb, green, 1);
    cv::addWeighted(saturation, 0.5, 255 - green, 0.5, 0, strength);
    cv::GaussianBlur(strength, strength, cv::Size(5, 5), 0);
    return strength;
}

/// Otsu 1979 splits background from cells; what is dark of that, split once more, is nucleus.
cv::Mat nucleusMask(const cv::Mat &rgb) {
    const cv::Mat strength = stainStrength(rgb);
    cv::Mat mask, hsv, purple;
    const double threshold = cv::threshold(strength, mask, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    // Of an even field Otsu makes two halves all the same; a real nucleus takes a third of the scale at least.
    cv::threshold(strength, mask, std::max(threshold, 85.0), 255, cv::THRESH_BINARY);
    cv::cvtColor(rgb, hsv, cv::COLOR_RGB2HSV);
    cv::inRange(hsv, cv::Scalar(105, 50, 0), cv::Scalar(172, 255, 255), purple);
    mask &= purple;
    const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(5, 5));
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, disc);
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, disc);
    return mask;
}

void append(const std::vector<cv::Point> &contour, double area, CVNuclei &nuclei) {
    const cv::Moments moments = cv::moments(contour);
    CVNucleus nucleus{};
    nucleus.area = area;
    nucleus.perimeter = cv::arcLength(contour, true);
    nucleus.centerX = moments.m10 / moments.m00;
    nucleus.centerY = moments.m01 / moments.m00;
    nucleus.firstPoint = static_cast<int>(nuclei.points.size());
    nucleus.pointCount = static_cast<int>(contour.size());
    for (const cv::Point &point : contour) nuclei.points.push_back({point.x, point.y});
    nuclei.list.push_back(nucleus);
}

}  // namespace

extern "C" {

CVStatus cv_nuclei_find(const uint8_t *pixels, int width, int height, double minimumArea, uint8_t *mask,
                        CVNuclei **nuclei, char *error, size_t errorCapacity) {
    return cvision::guarded(error, errorCapacity, [&] {
        const cv::Mat found = nucleusMask(cvision::view(pixels, width, height));
        std::vector<std::vector<cv::Point>> contours;
        cv::findContours(found, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
        auto result = std::make_unique<CVNuclei>();
        cv::Mat output(height, width, CV_8UC1, mask);
        output.setTo(0);
        for (size_t i = 0; i < contours.size(); ++i) {
            const double area = cv::contourArea(contours[i]);
            if (area < minimumArea || area <= 0) continue;
            append(contours[i], area, *result);
            cv::drawContours(output, contours, static_cast<int>(i), cv::Scalar(255), cv::FILLED);
        }
        *nuclei = result.release();
    });
}

size_t cv_nuclei_count(const CVNuclei *nuclei) { return nuclei->list.size(); }

const CVNucleus *cv_nuclei_list(const CVNuclei *nuclei) { return nuclei->list.data(); }

const CVPoint *cv_nuclei_points(const CVNuclei *nuclei) { return nuclei->points.data(); }

void cv_nuclei_free(CVNuclei *nuclei) { delete nuclei; }
}
