#pragma once

#include <cstddef>
#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>

#include "cv_status.h"

namespace cvision {

/// Silences OpenCV's log and keeps it on the calling thread (callers bring their own parallelism). Runs once.
void prepare();

/// Copies `text` into the caller's buffer, cut to fit and always terminated.
void report(const char *text, char *error, size_t errorCapacity);

/// Runs `body` so that no exception crosses into Swift, where it would end the process.
template <typename Body> CVStatus guarded(char *error, size_t errorCapacity, Body body) noexcept {
    try {
        prepare();
        body();
        return CVisionSucceeded;
    } catch (const std::bad_alloc &) {
        report("out of memory", error, errorCapacity);
        return CVisionOutOfMemory;
    } catch (const cv::Exception &exception) {
        report(exception.err.empty() ? exception.what() : exception.err.c_str(), error, errorCapacity);
        return exception.code == cv::Error::StsNoMem ? CVisionOutOfMemory : CVisionRefused;
    } catch (const std::exception &exception) {
        report(exception.what(), error, errorCapacity);
        return CVisionRefused;
    } catch (...) {
        report("unknown failure", error, errorCapacity);
        return CVisionRefused;
    }
}

/// A view of the caller's RGB pixels; OpenCV never writes through it.
inline cv::Mat view(const unsigned char *pixels, int width, int height) {
    return cv::Mat(height, width, CV_8UC3, const_cast<unsigned char *>(pixels));
}

/// Copies `image` into the caller's buffer of `width` by `height` RGB pixels.
inline void store(const cv::Mat &image, unsigned char *pixels, int width, int height) {
    if (image.cols != width || image.rows != height || image.type() != CV_8UC3)
        throw std::runtime_error("result has an unexpected size");
    cv::Mat target(height, width, CV_8UC3, pixels);
    image.copyTo(target);
}

}  // namespace cvision
