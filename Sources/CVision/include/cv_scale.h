#pragma once

#include "CStatus.h"

CS_BEGIN

/// Most fields that one level of an image has.
#define CVScaleFields 5

/// What one way of measuring found; see `ScaleReading` for the units.
typedef struct {
    /// From edge to edge, in pixels of the image that was given; 0 where nothing was found.
    double diameter;
    double spread, coverage;
    int cells, whiteCells;
} CVScaleReading;

/// Both ways, over the same part of the image.
typedef struct {
    CVScaleReading outlines, discs;
} CVScaleField;

/// In how many reductions an image can be measured: the first shows all of it, each further one half as much reduced.
int cv_scale_levels(int width, int height);

/// Measures red cells in an image, `CVScaleFields` parts of it or, on level 0, all of it at once.
///
/// The image is first turned so that its light falls to one side: any turn by 90° and any mirror image of it gives the
/// same numbers.
CSStatus cv_scale_measure(const uint8_t *pixels, int width, int height, int level, CVScaleField *fields, int *count,
                          CSError *error);

/// Resizes an image: by area where both sides shrink, else bilinearly. A turned image gives the turned result.
CSStatus cv_scale_resize(const uint8_t *pixels, int width, int height, uint8_t *output, int outputWidth,
                         int outputHeight, CSError *error);

/// How an image was turned: mirrored, then put upside down, then transposed; 0 or 1 each.
typedef struct {
    int isMirrored, isUpsideDown, isTransposed;
} CVTurn;

/// Turns a square image so that its light falls to the right and to the bottom, and more to the right: any turn by 90° and
/// any mirror image of it gives the same picture.
CSStatus cv_scale_upright(const uint8_t *pixels, int width, int height, CVTurn *turn, uint8_t *output, CSError *error);

/// The colour of empty glass, red first: the median of the brightest fifth.
CSStatus cv_scale_glass(const uint8_t *pixels, int width, int height, uint8_t colour[3], CSError *error);

CS_END
