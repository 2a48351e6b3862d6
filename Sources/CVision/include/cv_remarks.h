#pragma once

#include "CStatus.h"

CS_BEGIN

/// Begins to keep what OpenCV, libjpeg, libpng and libtiff remark on images that this thread reads, which else nobody hears.
void cv_remarks_begin(void);

/// Ends it, and writes the remarks to `text`, one a line: at most four, of at most 160 characters of ASCII each, every one once.
/// What stands in quotation marks comes from the file and is left out. `text` may be null where `capacity` is 0.
void cv_remarks_end(char *text, size_t capacity);

CS_END
