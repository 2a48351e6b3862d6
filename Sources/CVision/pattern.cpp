#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "cv_quality.h"
#include "pixels.hpp"

namespace {

constexpr int largest = 512;
/// Waves a pixel: what is longer is the picture itself.
constexpr double longest = 0.03, shortest = 0.5;
/// How many rings of equal wave length there are up to one wave a pixel.
constexpr int rings = 128;

/// Logarithms of the amplitudes of all waves, the constant at [0, 0].
cv::Mat spectrum(const cv::Mat &grey) {
    cv::Mat even, window, waves;
    cv::GaussianBlur(grey, even, cv::Size(), 8);
    cv::createHanningWindow(window, grey.size(), CV_32F);
    // OpenCV's window is the root of what weighs the picture here.
    cv::Mat weighed = (grey - even).mul(window).mul(window);
    cv::dft(weighed, waves, cv::DFT_COMPLEX_OUTPUT);
    cv::Mat result(grey.size(), CV_32F);
    for (int y = 0; y < result.rows; ++y)
        for (int x = 0; x < result.cols; ++x) {
            const cv::Vec2f &wave = waves.at<cv::Vec2f>(y, x);
            result.at<float>(y, x) = std::log(std::hypot(wave[0], wave[1]) + 1e-3f);
        }
    return result;
}

}  // namespace

extern "C" CSStatus cv_pattern(const uint8_t *pixels, int width, int height, double *strength, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *strength = 0;
        const int side = std::min({largest, width, height}) / 2 * 2;
        if (side < 64) return;
        cv::Mat grey, values;
        const cv::Rect middle((width - side) / 2, (height - side) / 2, side, side);
        cv::cvtColor(cvision::view(pixels, width, height)(middle), grey, cv::COLOR_RGB2GRAY);
        grey.convertTo(grey, CV_32F);
        const cv::Mat waves = spectrum(grey);
        std::vector<std::vector<float>> all(rings), slanting(rings);
        // A real picture has every wave twice; one half is enough.
        for (int y = 0; y <= side / 2; ++y)
            for (int x = 0; x < side; ++x) {
                const int across = x <= side / 2 ? x : x - side;
                const double length = std::hypot(y, across) / side;
                if (length <= longest || length >= shortest) continue;
                const float value = waves.at<float>(y, x);
                all[int(length * rings)].push_back(value);
                if (y > 1 && std::abs(across) > 1) slanting[int(length * rings)].push_back(value);
            }
        for (int ring = 0; ring < rings; ++ring) {
            if (all[ring].empty() || slanting[ring].empty()) continue;
            const auto half = all[ring].begin() + long(all[ring].size() / 2);
            std::nth_element(all[ring].begin(), half, all[ring].end());
            const float highest = *std::max_element(slanting[ring].begin(), slanting[ring].end());
            *strength = std::max(*strength, double(highest - *half));
        }
    });
}
