#pragma once

#include <opencv2/core.hpp>

#include "cv_augment.h"

namespace cvision {

/// Streams of random numbers, one a step (see `Random`).
enum AugmentationStream : uint64_t { geometryStream = 1, stainStream, colourStream, qualityStream, erasingStream };

/// Flips, quarter turn and small affine map; the result has the size of `image`.
cv::Mat variedGeometry(const cv::Mat &image, const CVAugmentation &strengths, uint64_t seed);

/// Stain, hue, saturation, value, channel gains, grey, mix, brightness, contrast and gamma, in place.
void varyColour(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed);

/// Blur or sharpening, noise, and JPEG compression, in place.
void varyQuality(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed);

/// Random erasing (Zhong et al. 2020, AAAI), in place.
void erase(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed);

}  // namespace cvision
