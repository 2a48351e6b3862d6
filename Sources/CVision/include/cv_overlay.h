#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cv_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Enlarges a map of values in 0 to 1 (bicubic, clamped) and colours it with viridis as RGB.
CVStatus cv_heatmap(const float *map, int mapWidth, int mapHeight, uint8_t *output, int width, int height,
                    char *error, size_t errorCapacity);

/// Lays the coloured map over RGB pixels; `opacity` 0 to 1 is reached where the map is 1, and falls to 0 with the map.
CVStatus cv_overlay(const float *map, int mapWidth, int mapHeight, const uint8_t *pixels, int width, int height,
                    double opacity, uint8_t *output, char *error, size_t errorCapacity);

#ifdef __cplusplus
}
#endif
