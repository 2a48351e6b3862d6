#pragma once

#include "CStatus.h"

CS_BEGIN

/// An open slide of OpenSlide. Its reading functions may be called from several threads at once.
typedef struct CSlide CSlide;

/// The version of OpenSlide that runs, such as `3.4.1`.
const char *csl_version(void);

/// Opens a slide. `CSRefused` when OpenSlide knows no such format, `CSFailed` with its words when the file is damaged.
CSStatus csl_open(const char *path, CSlide **slide, CSError *error);

/// Closes a slide; NULL is let be.
void csl_close(CSlide *slide);

int32_t csl_level_count(CSlide *slide);

/// Width and height of a level in pixels, and how many pixels of level 0 one of its pixels is wide; all -1 for a level that
/// is not there.
void csl_level(CSlide *slide, int32_t level, int64_t *width, int64_t *height, double *downsample);

/// A property of the slide, such as `openslide.mpp-x`; NULL where it has none. Lives as long as the slide.
const char *csl_property(CSlide *slide, const char *name);

/// Name of the associated image with a number from 0; NULL after the last. Lives as long as the slide.
const char *csl_associated_name(CSlide *slide, int32_t number);

/// Size of an associated image in pixels, -1 where it is not there.
void csl_associated_size(CSlide *slide, const char *name, int64_t *width, int64_t *height);

/// Reads a part of a level onto white.
///
/// - x, y: its upper left corner in pixels of level 0; may lie outside of the slide, where all is white.
/// - width, height: in pixels of the level.
/// - rgb: room for `width * height * 3` bytes, rows from the top.
CSStatus csl_read(CSlide *slide, int32_t level, int64_t x, int64_t y, int64_t width, int64_t height, uint8_t *rgb,
                  CSError *error);

/// Reads an associated image onto white, into room for its width times height times 3 bytes.
CSStatus csl_read_associated(CSlide *slide, const char *name, uint8_t *rgb, CSError *error);

CS_END
