#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cv_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Figures that tell whether a picture is a usable smear; see `ImageQuality` for the units.
typedef struct {
    double sharpness, brightness, contrast, stainedFraction, backgroundFraction, clippedFraction;
} CVQuality;

CVStatus cv_quality(const uint8_t *pixels, int width, int height, CVQuality *quality, char *error,
                    size_t errorCapacity);

#ifdef __cplusplus
}
#endif
