#pragma once

#include <guarded_opencv.hpp>

namespace cvision {

using cstatus::guardedOpenCV;

/// A view of the caller's RGB pixels; OpenCV never writes through it.
inline cv::Mat view(const unsigned char *pixels, int width, int height) {
    return cv::Mat(height, width, CV_8UC3, const_cast<unsigned char *>(pixels));
}

/// Copies `image` into the caller's buffer of `width` by `height` RGB pixels.
inline void store(const cv::Mat &image, unsigned char *pixels, int width, int height) {
    if (image.cols != width || image.rows != height || image.type() != CV_8UC3)
        throw std::runtime_error("result has an unexpected size");
    cv::Mat target(height, width, CV_8UC3, pixels);
    image.copyTo(target);
}

}  // namespace cvision
