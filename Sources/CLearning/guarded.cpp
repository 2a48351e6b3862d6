#include "guarded.hpp"

#include <cstring>
#include <mutex>
#include <opencv2/core/utils/logger.hpp>

namespace clearning {

void prepare() {
    static std::once_flag once;
    std::call_once(once, [] {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        // cv::Exception is reported to the caller; OpenCV's own handler would print it to standard error as well.
        cv::redirectError([](int, const char *, const char *, const char *, int, void *) { return 0; });
        cv::setNumThreads(1);
    });
}

void report(const char *text, char *error, size_t errorCapacity) {
    if (error == nullptr || errorCapacity == 0) return;
    std::strncpy(error, text, errorCapacity - 1);
    error[errorCapacity - 1] = 0;
}

}  // namespace clearning
