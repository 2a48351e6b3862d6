#pragma once

#include "CStatus.h"

CS_BEGIN

/// Draws a blood smear of class 0 to 3 into `side * side * 3` bytes; the same class, seed, side and scale give the same image.
///
/// `redCellScale`, 0.5 to 2, is how much larger than usual the red cells are, and nothing else. `redCellPixels` becomes the
/// median diameter of those wholly in the field, in pixels; 0 where there is none.
CSStatus cv_draw_smear(int label, uint64_t seed, int side, double redCellScale, uint8_t *pixels, double *redCellPixels,
                       CSError *error);

CS_END
