#pragma once

#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>

#include "CLearning.h"

namespace clearning {

/// Silences OpenCV's log and keeps it on the calling thread. Runs once.
void prepare();

/// Copies `text` into the caller's buffer, cut to fit and always terminated.
void report(const char *text, char *error, size_t errorCapacity);

/// Runs `body` so that no exception crosses into Swift, where it would end the process.
template <typename Body> CLearningStatus guarded(char *error, size_t errorCapacity, Body body) noexcept {
    try {
        prepare();
        body();
        return CLearningSucceeded;
    } catch (const std::bad_alloc &) {
        report("out of memory", error, errorCapacity);
        return CLearningOutOfMemory;
    } catch (const cv::Exception &exception) {
        report(exception.err.empty() ? exception.what() : exception.err.c_str(), error, errorCapacity);
        return exception.code == cv::Error::StsNoMem ? CLearningOutOfMemory : CLearningRefused;
    } catch (const std::exception &exception) {
        report(exception.what(), error, errorCapacity);
        return CLearningRefused;
    } catch (...) {
        report("unknown failure", error, errorCapacity);
        return CLearningRefused;
    }
}

/// A view of the caller's matrix; OpenCV never writes through it.
inline cv::Mat matrix(const float *values, int rows, int columns) {
    if (rows < 1 || columns < 1) throw std::invalid_argument("a matrix needs a row and a column");
    return cv::Mat(rows, columns, CV_32F, const_cast<float *>(values));
}

}  // namespace clearning
