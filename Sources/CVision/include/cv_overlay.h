#pragma once

#include "CStatus.h"

CS_BEGIN

/// Enlarges a map of values in 0 to 1 (bicubic, clamped) and colours it with viridis as RGB.
CSStatus cv_heatmap(const float *map, int mapWidth, int mapHeight, uint8_t *output, int width, int height,
                    CSError *error);

/// Enlarges or reduces a map of values in 0 to 1 as `cv_heatmap` does, as grey levels of 0 to 255.
CSStatus cv_heat_levels(const float *map, int mapWidth, int mapHeight, uint8_t *levels, int width, int height,
                        CSError *error);

/// Lays the coloured map over RGB pixels; `opacity` 0 to 1 is reached where the map is 1, and falls to 0 with the map.
CSStatus cv_overlay(const float *map, int mapWidth, int mapHeight, const uint8_t *pixels, int width, int height,
                    double opacity, uint8_t *output, CSError *error);

CS_END
