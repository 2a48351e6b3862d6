#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

namespace cvision {

/// Decodes a JPEG file at 1, 1/2, 1/4 or 1/8 of its size into RGB `output`, whose size must be that of the result.
/// `storedChannels` is 4 for CMYK as Adobe writes it (inverted), else 1 or 3.
///
/// OpenCV's own decoder fills what is missing with grey and prints a warning; here missing or damaged data throws.
void decodeJPEG(const uint8_t *bytes, size_t count, int reduction, int storedChannels, cv::Mat &output);

}  // namespace cvision
