#pragma once

#include "CStatus.h"

CS_BEGIN

/// Gaussian blur of the standard deviation `deviation` in pixels, above 0; borders are reflected.
CSStatus cv_blur(const uint8_t *pixels, int width, int height, double deviation, uint8_t *output, CSError *error);

/// Every colour (red, green, blue) becomes `matrix` (row-major) times the colour plus `offset`, cut to 0...255.
CSStatus cv_map_colours(const uint8_t *pixels, int width, int height, const double matrix[9], const double offset[3],
                        uint8_t *output, CSError *error);

CS_END
