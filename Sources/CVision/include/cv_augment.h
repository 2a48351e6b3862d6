#pragma once

#include "CStatus.h"

CS_BEGIN

/// How strongly an image is varied. Probabilities lie in 0...1; a step of probability 0 costs nothing.
typedef struct {
    /// Mirrored left-right, mirrored top-bottom, turned by 90 degrees (by 180 where the image is not square).
    float horizontalFlip, verticalFlip, quarterTurn;
    /// Rotation in degrees to either side, scale range, shift as a share of the side; borders are reflected.
    float affine, rotationDegrees, minimumScale, maximumScale, shiftFraction;
    /// With the affine map: widened or narrowed by a factor of at most exp(stretch), its area kept.
    float stretch;
    /// Haematoxylin, eosin and residual each get a gain of 1 ± stainGain and a shift of ± stainBias optical density.
    float stain, stainGain, stainBias;
    /// Turn of the hue circle in degrees, saturation and value 1 ± x, every channel 1 ± channelGain, exponent 1 ± gamma.
    float colour, hueDegrees, saturation, value, channelGain, gamma;
    /// Probability of a grey image; probability of mixed channels and the share of the mix.
    float greyscale, channelMix, channelMixStrength;
    /// Offset of ± brightness (share of the range), contrast 1 ± contrast around the middle.
    float light, brightness, contrast;
    /// Gaussian blur of at most blurDeviation pixels, or unsharp masking of at most sharpenAmount.
    float blur, blurDeviation, sharpen, sharpenAmount;
    /// Gaussian noise of at most noiseDeviation (share of the range).
    float noise, noiseDeviation;
    /// JPEG compression at a quality in minimumQuality...maximumQuality.
    float jpeg, minimumQuality, maximumQuality;
    /// A rectangle of minimumArea...maximumArea (shares of the image) filled with one colour.
    float erasing, minimumArea, maximumArea;
} CVAugmentation;

/// Writes a variation of `pixels` to `output` (both `width * height * 3` bytes, and apart); the same seed gives the
/// same variation.
CSStatus cv_augment(const uint8_t *pixels, int width, int height, const CVAugmentation *augmentation, uint64_t seed,
                    uint8_t *output, CSError *error);

CS_END
