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

/// Writes the picture of a JPEG file anew, and nothing else of the file: the same coefficients, so that it decodes to the same
/// pixels. Progressive files become sequential. Damaged files are an error, as of `cv_decode`, and those that are not of three
/// colours and of the size that was read before, by which memory was set aside. `*encoded` becomes NULL where the picture cannot be
/// written so: in more than so many bytes, with coefficients that no usual table has codes for, or in too large units.
CSStatus cv_copy_jpeg(const uint8_t *bytes, size_t count, int width, int height, size_t maximumBytes,
                      CVEncoded **encoded, CSError *error);

const uint8_t *cv_encoded_bytes(const CVEncoded *encoded);
size_t cv_encoded_count(const CVEncoded *encoded);
void cv_encoded_free(CVEncoded *encoded);

CS_END
