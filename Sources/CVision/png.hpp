#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

namespace cvision {

/// Decodes a PNG file; of an animated one the default picture.
///
/// - hasAlpha: Whether transparency is wanted; then 16-bit samples stay so, else they lose their lower byte.
/// - Returns: Red, green, blue, and transparency where it is wanted and there; 8 or 16 bits wide.
/// - Throws: `std::runtime_error` for damaged data, and for another size than the given one.
cv::Mat decodePNG(const uint8_t *bytes, size_t count, int width, int height, bool hasAlpha);

/// Whether a file begins as PNG files do.
bool isPNG(const uint8_t *bytes, size_t count);

}  // namespace cvision
