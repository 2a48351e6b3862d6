#pragma once

#include "CStatus.h"

CS_BEGIN

/// A circle in an image, in pixels from its upper left corner.
typedef struct {
    double centerX, centerY, radius;
} CVCircle;

/// Finds the bright circle on black that a telephone sees through an eyepiece.
///
/// `isFound` becomes 0 for an image with anything else in its corners, or whose bright part is no circle.
CSStatus cv_eyepiece_find(const uint8_t *pixels, int width, int height, CVCircle *circle, int *isFound, CSError *error);

/// Cuts the rectangle that begins at `left` and `top` out of the image, evens out the light that falls off towards the
/// rim, and makes the background of the field white.
///
/// Outside the circle lies the background, or with `isMirrored` what lies inside mirrored at the rim. `output` takes
/// `outputWidth * outputHeight` RGB pixels.
CSStatus cv_eyepiece_open(const uint8_t *pixels, int width, int height, const CVCircle *circle, int left, int top,
                          int isMirrored, uint8_t *output, int outputWidth, int outputHeight, CSError *error);

CS_END
