#pragma once

#include "CStatus.h"

CS_BEGIN

/// A rectangle in the lower right corner that is painted over, as fractions of the sides, and its colour.
typedef struct {
    double widthFraction, heightFraction;
    uint8_t red, green, blue;
} CVCornerMask;

/// Scaling of channel c (red, green, blue): (value / 255 - mean[c]) / deviation[c].
typedef struct {
    float mean[3], deviation[3];
} CVNormalization;

/// Paints the corner; `output` has the size of the input.
CSStatus cv_mask_corner(const uint8_t *pixels, int width, int height, const CVCornerMask *mask, uint8_t *output,
                        CSError *error);

/// Resizes without keeping the aspect ratio: by area when both sides shrink, else bilinearly.
CSStatus cv_resize(const uint8_t *pixels, int width, int height, uint8_t *output, int outputWidth, int outputHeight,
                   CSError *error);

/// Writes `[3, height, width]` floats, channel by channel.
void cv_normalize(const uint8_t *pixels, int width, int height, const CVNormalization *normalization, float *output);

/// Mask (unless null), resize and normalise in one call; the result equals the three calls in turn.
CSStatus cv_preprocess(const uint8_t *pixels, int width, int height, const CVCornerMask *mask, int outputWidth,
                       int outputHeight, const CVNormalization *normalization, float *output, CSError *error);

/// Bilateral filter, Tomasi and Manduchi 1998: `strength` is the range deviation in grey levels.
CSStatus cv_denoise_bilateral(const uint8_t *pixels, int width, int height, double strength, uint8_t *output,
                              CSError *error);

/// Non-local means, Buades, Coll and Morel 2005: `strength` is the filter parameter h in grey levels.
CSStatus cv_denoise_nonlocal(const uint8_t *pixels, int width, int height, double strength, uint8_t *output,
                             CSError *error);

/// Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of the lightness of CIE Lab.
CSStatus cv_equalize(const uint8_t *pixels, int width, int height, double clipLimit, int tiles, uint8_t *output,
                     CSError *error);

/// Mean and standard deviation of L (0 to 100), a and b over the image.
CSStatus cv_lab_statistics(const uint8_t *pixels, int width, int height, double mean[3], double deviation[3],
                           CSError *error);

/// Shifts and scales each Lab channel to the given statistics, after Reinhard et al. 2001.
CSStatus cv_reinhard(const uint8_t *pixels, int width, int height, const double mean[3], const double deviation[3],
                     uint8_t *output, CSError *error);

/// The two stains of an image and the 99th percentile of the amount of each, as `cv_macenko` takes them.
///
/// `isStained` becomes 0, and nothing else is written, for an image with less than 1 % of stained pixels.
CSStatus cv_macenko_stains(const uint8_t *pixels, int width, int height, double stains[6], double maxima[2],
                           int *isStained, CSError *error);

/// Recolours the two stains found after Macenko et al. 2009 with the target stains.
///
/// `stains` holds two unit vectors of optical density (red, green, blue), `maxima` the 99th percentile of each
/// concentration. An image with less than 1 % of stained pixels comes back unchanged.
CSStatus cv_macenko(const uint8_t *pixels, int width, int height, const double stains[6], const double maxima[2],
                    uint8_t *output, CSError *error);

CS_END
