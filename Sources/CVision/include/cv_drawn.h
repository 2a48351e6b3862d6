#pragma once

#include "CStatus.h"

CS_BEGIN

/// Draws a blood smear of class 0 to 3 into `side * side * 3` bytes; the same class, seed and side give the same image.
CSStatus cv_draw_smear(int label, uint64_t seed, int side, uint8_t *pixels, CSError *error);

CS_END
