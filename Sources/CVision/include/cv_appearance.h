#pragma once

#include "CStatus.h"

CS_BEGIN

/// How many figures `cv_appearance` writes; `ImageAppearance` names them.
enum { CVAppearanceFeatures = 50 };

/// What a picture looks like, whatever a network makes of it; see `ImageAppearance` for the figures and their units.
typedef struct {
    double features[CVAppearanceFeatures];
    /// The empty ground: share of the area that has its colour, its lightness (0 to 255) and distance from grey in CIE Lab.
    double groundShare, groundLightness, groundChroma;
    /// Share of the area that is both redder and bluer than the ground, as azure-stained nuclei are.
    double stainedShare;
} CVAppearance;

/// Makes the tables that OpenCV builds at the first conversion to Lab, which takes some tens of milliseconds.
///
/// `cv_appearance` makes them itself where this was not called or failed; called on another thread meanwhile it saves the
/// wait.
void cv_appearance_prepare(void);

CSStatus cv_appearance(const uint8_t *pixels, int width, int height, CVAppearance *appearance, CSError *error);

CS_END
