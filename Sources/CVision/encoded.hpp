#pragma once

#include <cstdint>
#include <vector>

#include "cv_encode.h"

/// What `cv_encode.h` hands out.
struct CVEncoded {
    std::vector<uint8_t> bytes;
};
