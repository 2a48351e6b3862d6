#pragma once

#include <guarded_opencv.hpp>

#include "CLearning.h"

namespace clearning {

/// A view of the caller's matrix; OpenCV never writes through it.
inline cv::Mat matrix(const float *values, int rows, int columns) {
    if (rows < 1 || columns < 1) throw std::invalid_argument("a matrix needs a row and a column");
    return cv::Mat(rows, columns, CV_32F, const_cast<float *>(values));
}

}  // namespace clearning
