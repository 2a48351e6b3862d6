#pragma once

#include "CStatus.h"

CS_BEGIN

/// Side of the grey miniature, and the number of orientations (turns by 90 degrees, then the same mirrored).
enum { CVMiniatureSide = 32, CVOrientations = 8 };

/// Perceptual hash and grey miniature of an image.
///
/// `hashes` takes one 64-bit hash for each orientation of the image, upright first: the signs of the 64 lowest
/// frequencies of the miniature's cosine transform. `miniature` takes 32 · 32 values of mean 0 and length 1 (all 0
/// where the image is flat).
CSStatus cv_signature(const uint8_t *pixels, int width, int height, uint64_t *hashes, float *miniature, CSError *error);

/// Largest correlation (-1...1) of `first` with any orientation of `second`, two miniatures of `cv_signature`.
float cv_correlation(const float *first, const float *second);

CS_END
