#pragma once

#include "CStatus.h"

CS_BEGIN

/// Most places that may be kept of an image, how many are looked for, bytes of each one's descriptor, and the side of the
/// square that its miniature fits in. Version 2.2 looked for as many as may be kept.
enum { CVOverlapPlaces = 256, CVOverlapSought = 160, CVOverlapBytes = 64, CVOverlapSide = 128 };

/// What is kept of an image to find where another shows a part of the same field.
typedef struct {
    /// How many places there are, at most `CVOverlapPlaces`.
    int places;
    /// Size of the miniature in pixels; the longer one is `CVOverlapSide`.
    int width, height;
} CVOverlapSize;

/// Finds places of an image that can be found again where it is turned, scaled, lit or compressed in another way
/// (SIFT, Lowe 2004), and makes its grey miniature.
///
/// `places` takes x and y of each, in parts of the longer side, from the left and top; `descriptors` 128 values of 0 to
/// 15 for each, two a byte; `miniature` `size.width * size.height` grey values, rows from the top.
CSStatus cv_overlap_describe(const uint8_t *pixels, int width, int height, CVOverlapSize *size,
                             float places[CVOverlapPlaces * 2], uint8_t descriptors[CVOverlapPlaces * CVOverlapBytes],
                             uint8_t miniature[CVOverlapSide * CVOverlapSide], CSError *error);

/// How the first of two images lies on the second.
typedef struct {
    /// Share of the smaller of the two that the other shows too, 0 to 1; 0 where they do not fit on each other.
    float share;
    /// Places that agree on it.
    int agreeing;
    /// Correlation of the grey values where both lie, -1 to 1.
    float correlation;
} CVOverlap;

/// Looks for a shift, turn and scale (a third to three) that lays the first image on the second. Takes some milliseconds,
/// bounded by the number of places.
CSStatus cv_overlap_match(CVOverlapSize firstSize, const float *firstPlaces, const uint8_t *firstDescriptors,
                          const uint8_t *firstMiniature, CVOverlapSize secondSize, const float *secondPlaces,
                          const uint8_t *secondDescriptors, const uint8_t *secondMiniature, CVOverlap *overlap,
                          CSError *error);

CS_END
