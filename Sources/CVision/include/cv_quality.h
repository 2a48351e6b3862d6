#pragma once

#include "CStatus.h"

CS_BEGIN

/// Figures that tell whether a picture is a usable smear; see `ImageQuality` for the units.
typedef struct {
    double sharpness, brightness, contrast, stainedFraction, backgroundFraction, clippedFraction;
} CVQuality;

CSStatus cv_quality(const uint8_t *pixels, int width, int height, CVQuality *quality, CSError *error);

CS_END
