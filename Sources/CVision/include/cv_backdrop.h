#pragma once

#include "CStatus.h"

CS_BEGIN

/// What lies behind and beside the nucleated cells of a smear; see `ImageBackdrop` for the figures and their units.
typedef struct {
    double ground[3], redCells[3], redCellSpread[3];
    double groundDetail, redCellDetail;
    /// Shares of the lower right corner that are red and black, as the lines of a scale bar are.
    double barRed, barBlack;
} CVBackdrop;

CSStatus cv_backdrop(const uint8_t *pixels, int width, int height, CVBackdrop *backdrop, CSError *error);

CS_END
