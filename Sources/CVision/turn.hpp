#pragma once

#include <opencv2/core.hpp>

namespace cvision {

/// How an image is turned before it is measured: mirrored, then put upside down, then transposed.
struct Turn {
    bool isTransposed = false, isMirrored = false, isUpsideDown = false;
};

/// The turn that brings the light of an RGB image to the right and to the bottom, and more to the right, or the longer
/// sides to the top and bottom; from sums of whole numbers, so that every turn of an image ends as the same picture.
Turn upright(const cv::Mat &rgb);

/// Where a part of the turned image lies in the image as it was given.
cv::Rect origin(cv::Rect part, cv::Size image, const Turn &turn);

cv::Mat turned(const cv::Mat &part, const Turn &turn);

/// The way back of `turned`.
cv::Mat turnedBack(const cv::Mat &part, const Turn &turn);

}  // namespace cvision
