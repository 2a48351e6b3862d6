#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cv_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Gaussian blur of the standard deviation `deviation` in pixels, above 0; borders are reflected.
CVStatus cv_blur(const uint8_t *pixels, int width, int height, double deviation, uint8_t *output, char *error,
                 size_t errorCapacity);

/// Every colour (red, green, blue) becomes `matrix` (row-major) times the colour plus `offset`, cut to 0...255.
CVStatus cv_map_colours(const uint8_t *pixels, int width, int height, const double matrix[9], const double offset[3],
                        uint8_t *output, char *error, size_t errorCapacity);

#ifdef __cplusplus
}
#endif
