#pragma once

#include "CStatus.h"

CS_BEGIN

/// What a file says of its colours: an ICC profile, or else an exponent with the places of its primaries.
typedef struct {
    /// An ICC profile (ISO 15076-1) of RGB; NULL where the file has none.
    const uint8_t *profile;
    size_t profileCount;
    /// Not 0 where the profile is a zlib stream, as in PNG's iCCP chunk.
    int isDeflated;
    /// Light is the sample to this power; used without a profile.
    double exponent;
    /// x and y of white, red, green and blue (CIE 1931).
    double chromaticities[8];
} CVColourSource;

/// Turns RGB pixels, in place, into sRGB (IEC 61966-2-1), relative to white.
///
/// `isConverted` becomes 0, and no pixel changes, where `source` has the primaries and the curve of sRGB.
CSStatus cv_to_srgb(const CVColourSource *source, uint8_t *pixels, int width, int height, int *isConverted,
                    CSError *error);

CS_END
