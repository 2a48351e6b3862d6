#include "cv_vary.h"

#include <opencv2/imgproc.hpp>

#include "pixels.hpp"

using namespace cvision;

extern "C" {

CSStatus cv_blur(const uint8_t *pixels, int width, int height, double deviation, uint8_t *output, CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat result;
        cv::GaussianBlur(view(pixels, width, height), result, cv::Size(0, 0), deviation, deviation,
                         cv::BORDER_REFLECT_101);
        store(result, output, width, height);
    });
}

CSStatus cv_map_colours(const uint8_t *pixels, int width, int height, const double matrix[9], const double offset[3],
                        uint8_t *output, CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Matx34d map;
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) map(row, column) = matrix[3 * row + column];
            map(row, 3) = offset[row];
        }
        cv::Mat colours, result;
        view(pixels, width, height).convertTo(colours, CV_32F);
        cv::transform(colours, result, map);
        result.convertTo(colours, CV_8U);
        store(colours, output, width, height);
    });
}

}
