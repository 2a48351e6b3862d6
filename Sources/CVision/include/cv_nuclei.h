#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cv_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One outlined region, in pixels; `pointCount` points of its outline start at `firstPoint` in the list of points.
typedef struct {
    double area, perimeter, centerX, centerY;
    int firstPoint, pointCount;
} CVNucleus;

typedef struct {
    int x, y;
} CVPoint;

/// Outlines found in one image, owned by CVision until `cv_nuclei_free`.
typedef struct CVNuclei CVNuclei;

/// Finds darkly stained nuclei of at least `minimumArea` pixels; `mask` takes `width * height` bytes, 255 inside.
CVStatus cv_nuclei_find(const uint8_t *pixels, int width, int height, double minimumArea, uint8_t *mask,
                        CVNuclei **nuclei, char *error, size_t errorCapacity);

size_t cv_nuclei_count(const CVNuclei *nuclei);
const CVNucleus *cv_nuclei_list(const CVNuclei *nuclei);
const CVPoint *cv_nuclei_points(const CVNuclei *nuclei);
void cv_nuclei_free(CVNuclei *nuclei);

#ifdef __cplusplus
}
#endif
