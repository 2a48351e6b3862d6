#pragma once

// The C face of OpenCV that the Swift module `Imaging` calls. One header an aspect.
//
// Conventions: images are 8-bit RGB, rows top to bottom, tightly packed, owned by the caller. All functions may be called
// from many threads at once.
#include "CStatus.h"

#include "cv_appearance.h"
#include "cv_augment.h"
#include "cv_backdrop.h"
#include "cv_decode.h"
#include "cv_drawn.h"
#include "cv_encode.h"
#include "cv_eyepiece.h"
#include "cv_cells.h"
#include "cv_smear.h"
#include "cv_overlap.h"
#include "cv_overlay.h"
#include "cv_preprocess.h"
#include "cv_quality.h"
#include "cv_remarks.h"
#include "cv_scale.h"
#include "cv_similarity.h"
#include "cv_vary.h"
