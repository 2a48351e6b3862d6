#pragma once

#include "CStatus.h"

CS_BEGIN

/// Figures that tell whether a picture is a usable smear; see `ImageQuality` for the units.
typedef struct {
    double sharpness, brightness, contrast, stainedFraction, backgroundFraction, clippedFraction;
} CVQuality;

CSStatus cv_quality(const uint8_t *pixels, int width, int height, CVQuality *quality, CSError *error);

/// How far the strongest pattern that repeats through the middle of the picture (512 pixels of it, less where it is smaller)
/// stands above the detail of its own size: the natural logarithm of amplitude by the median of all directions. Patterns that
/// lie straight across or down are left out, since JPEG's blocks make such.
CSStatus cv_pattern(const uint8_t *pixels, int width, int height, double *strength, CSError *error);

CS_END
