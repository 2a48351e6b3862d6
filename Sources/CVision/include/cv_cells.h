#pragma once

#include "CStatus.h"

CS_BEGIN

/// A place as shares of the image's width and height, 0 to 1.
typedef struct {
    float x, y;
} CVPoint;

/// One nucleus with its cell; areas and lengths in pixels of the image that was given.
///
/// The outlines are runs of the list of points.
typedef struct {
    double nucleusArea, nucleusPerimeter, cellArea, centerX, centerY;
    /// Area of the nucleus by the area of its convex hull, 0 to 1.
    double solidity;
    /// Whether the nucleus was cut from a region of several, and whether the cell reaches the image's edge.
    int isDivided, touchesEdge;
    int nucleusFirst, nucleusCount, cellFirst, cellCount;
} CVCell;

/// Cells found in one image, owned by CVision until `cv_cells_free`.
typedef struct CVCells CVCells;

/// Finds nuclei and the cells around them; `CellSegmentation` tells the method. The largest nuclei come first.
///
/// The work is bounded: any image is brought to the same size first, and at most `maximum` nuclei are kept.
CSStatus cv_cells_find(const uint8_t *pixels, int width, int height, int maximum, CVCells **cells, CSError *error);

size_t cv_cells_count(const CVCells *cells);
const CVCell *cv_cells_list(const CVCells *cells);
const CVPoint *cv_cells_points(const CVCells *cells);
void cv_cells_free(CVCells *cells);

/// Draws one closed line over the pixels, solid or dashed, in a colour with a dark seam, and a number (unless 0) at
/// its centre.
CSStatus cv_draw_outline(uint8_t *pixels, int width, int height, const CVPoint *points, size_t count, int isDashed,
                         int number, CSError *error);

CS_END
