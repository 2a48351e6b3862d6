#pragma once

#include "CStatus.h"

CS_BEGIN

/// How the alpha channel of the encoded image is meant.
typedef enum {
    /// No alpha, or alpha without meaning.
    CVAlphaNone = 0,
    /// Colours are not yet multiplied by alpha.
    CVAlphaStraight = 1,
    /// Colours come out of the decoder already multiplied by alpha.
    CVAlphaPremultiplied = 2,
} CVAlpha;

/// What the header of an encoded image says, and how it is wanted.
typedef struct {
    /// Size as stored, before scaling and orientation, in pixels.
    int width, height;
    /// 1, 2, 4 or 8: decode at that fraction of the size, rounded up.
    int reduction;
    /// EXIF orientation 1 to 8, applied after decoding; 1 leaves the image as it is.
    int orientation;
    CVAlpha alpha;
    /// Samples a pixel of a JPEG file (1, 3 or 4); 0 for every other format.
    int jpegChannels;
} CVDecodeRequest;

/// Decodes one image to RGB; alpha is laid over white, 16 bits become 8, grey and CMYK become RGB.
///
/// `pixels` takes `outputWidth * outputHeight * 3` bytes: the reduced size, sides swapped for orientations 5 to 8.
CSStatus cv_decode(const uint8_t *bytes, size_t count, const CVDecodeRequest *request, uint8_t *pixels, int outputWidth,
                   int outputHeight, CSError *error);

CS_END
