#include "cv_colour.h"

#include <cmath>
#include <lcms2.h>
#include <memory>
#include <stdexcept>
#include <vector>
#include <zlib.h>

#include <guarded.hpp>
