#pragma once

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

#include "guarded.hpp"

namespace cstatus {

/// Silences OpenCV's log and keeps it on the calling thread, as callers bring their own parallelism. Runs once.
inline void prepareOpenCV() {
    [[maybe_unused]] static const bool done = [] {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        // cv::Exception is reported to the caller; OpenCV's own handler would print it to standard error as well.
        cv::redirectError([](int, const char *, const char *, const char *, int, void *) { return 0; });
        cv::setNumThreads(1);
        return true;
    }();
}

/// `guarded` for a body that calls OpenCV.
template <typename Body> CSStatus guardedOpenCV(const CSError *error, Body &&body) noexcept {
    return guarded(error, [&] {
        try {
            prepareOpenCV();
            body();
        } catch (const cv::Exception &exception) {
            if (exception.code == cv::Error::StsNoMem) throw std::bad_alloc();
            throw std::runtime_error(exception.err.empty() ? exception.what() : exception.err);
        }
    });
}

}  // namespace cstatus
