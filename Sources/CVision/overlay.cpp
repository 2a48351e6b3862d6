#include "cv_overlay.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "pixels.hpp"

namespace {

/// Values in 0 to 1 at the size of the image. A bicubic kernel overshoots, hence the clamping.
cv::Mat enlarged(const float *map, int mapWidth, int mapHeight, int width, int height) {
    cv::Mat values;
    cv::resize(cv::Mat(mapHeight, mapWidth, CV_32F, const_cast<float *>(map)), values, cv::Size(width, height), 0, 0,
               cv::INTER_CUBIC);
    cv::min(cv::max(values, 0.0f), 1.0f, values);
    return values;
}

/// Viridis rises evenly in lightness, so it reads the same in greyscale and for colour-blind people.
cv::Mat coloured(const cv::Mat &values) {
    static const cv::Mat table = [] {
        cv::Mat ramp(1, 256, CV_8U), bgr, rgb;
        for (int level = 0; level < 256; ++level) ramp.at<uchar>(level) = static_cast<uchar>(level);
        cv::applyColorMap(ramp, bgr, cv::COLORMAP_VIRIDIS);
        cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
        return rgb;
    }();
    cv::Mat levels, rgb(values.size(), CV_8UC3);
    values.convertTo(levels, CV_8U, 255);
    for (int y = 0; y < rgb.rows; ++y)
        for (int x = 0; x < rgb.cols; ++x) rgb.at<cv::Vec3b>(y, x) = table.at<cv::Vec3b>(levels.at<uchar>(y, x));
    return rgb;
}

}  // namespace

extern "C" {

CSStatus cv_heatmap(const float *map, int mapWidth, int mapHeight, uint8_t *output, int width, int height,
                    CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cvision::store(coloured(enlarged(map, mapWidth, mapHeight, width, height)), output, width, height);
    });
}

CSStatus cv_heat_levels(const float *map, int mapWidth, int mapHeight, uint8_t *levels, int width, int height,
                        CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat output(height, width, CV_8U, levels);
        enlarged(map, mapWidth, mapHeight, width, height).convertTo(output, CV_8U, 255);
    });
}

CSStatus cv_overlay(const float *map, int mapWidth, int mapHeight, const uint8_t *pixels, int width, int height,
                    double opacity, uint8_t *output, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat values = enlarged(map, mapWidth, mapHeight, width, height);
        const cv::Mat colours = coloured(values);
        const size_t count = static_cast<size_t>(width) * height;
        for (size_t pixel = 0; pixel < count; ++pixel) {
            const float weight = static_cast<float>(opacity) * values.ptr<float>()[pixel];
            for (size_t i = pixel * 3; i < pixel * 3 + 3; ++i)
                output[i] = cv::saturate_cast<uchar>(pixels[i] * (1 - weight) + colours.data[i] * weight);
        }
    });
}
}
