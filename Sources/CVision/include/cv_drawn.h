#pragma once

#include "CStatus.h"

CS_BEGIN

/// Draws a blood smear of class 0 to 3 into `side * side * 3` bytes; the same class, seed, side and scale give the same image.
///
/// `redCellScale`, 0.5 to 2, is how much larger than usual the red cells are, and nothing else. `redCellPixels` becomes the
/// median diameter of those wholly in the field, in pixels; 0 where there is none.
CSStatus cv_draw_smear(int label, uint64_t seed, int side, double redCellScale, uint8_t *pixels, double *redCellPixels,
                       CSError *error);

enum { CVDrawnLymphocyte = 0, CVDrawnBlast, CVDrawnMonocyte, CVDrawnNeutrophil, CVDrawnKinds };

/// A white cell to be drawn: its kind, the middle of its body in pixels, and the radius of the nucleus, all lobes together
/// as one disc, in radii of a red cell. `bodyRadius` is told, in pixels.
typedef struct {
    int kind;
    double x, y, nucleusRadius, bodyRadius;
} CVDrawnCell;

/// Draws a smear with these white cells, red cells of a radius in pixels around them, and what the seed adds: stain, light,
/// focus, noise, platelets. `side * side * 3` bytes.
CSStatus cv_draw_cells(CVDrawnCell *cells, int count, double redRadius, uint64_t seed, int side, uint8_t *pixels,
                       CSError *error);

CS_END
