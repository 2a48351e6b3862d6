#pragma once

#include "CStatus.h"

CS_BEGIN

/// An encoded file, owned by CVision until `cv_encoded_free`.
typedef struct CVEncoded CVEncoded;

/// Encodes RGB pixels as a PNG file: level 0 (stored) to 9 (smallest), 1 to 3 quickly.
CSStatus cv_encode_png(const uint8_t *pixels, int width, int height, int level, CVEncoded **encoded, CSError *error);

/// Encodes grey levels as the smallest PNG file of one channel.
CSStatus cv_encode_grey_png(const uint8_t *levels, int width, int height, CVEncoded **encoded, CSError *error);

/// Encodes RGB pixels as a baseline JPEG file, quality 1 to 100.
CSStatus cv_encode_jpeg(const uint8_t *pixels, int width, int height, int quality, CVEncoded **encoded, CSError *error);

const uint8_t *cv_encoded_bytes(const CVEncoded *encoded);
size_t cv_encoded_count(const CVEncoded *encoded);
void cv_encoded_free(CVEncoded *encoded);

CS_END
