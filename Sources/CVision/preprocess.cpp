#include "cv_preprocess.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#include <vector>

#include "pixels.hpp"

using namespace cvision;

namespace {

cv::Mat masked(const cv::Mat &image, const CVCornerMask &mask) {
    const int width = std::min(image.cols, cvRound(image.cols * mask.widthFraction));
    const int height = std::min(image.rows, cvRound(image.rows * mask.heightFraction));
    cv::Mat result = image.clone();
    if (width > 0 && height > 0)
        result(cv::Rect(image.cols - width, image.rows - height, width, height))
            .setTo(cv::Scalar(mask.red, mask.green, mask.blue));
    return result;
}

cv::Mat resized(const cv::Mat &image, int width, int height) {
    if (image.cols == width && image.rows == height) return image;
    const bool shrinks = width <= image.cols && height <= image.rows;
    cv::Mat result;
    cv::resize(image, result, cv::Size(width, height), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    return result;
}

void normalise(const cv::Mat &image, const CVNormalization &normalization, float *output) {
    // 256 values a channel are computed once: the loop below only looks them up.
    float table[3][256];
    for (int c = 0; c < 3; ++c)
        for (int value = 0; value < 256; ++value)
            table[c][value] =
                (static_cast<float>(value) / 255.0f - normalization.mean[c]) / normalization.deviation[c];
    const size_t plane = image.total();
    float *red = output, *green = output + plane, *blue = output + 2 * plane;
    for (int y = 0; y < image.rows; ++y) {
        const uchar *in = image.ptr<uchar>(y);
        for (int x = 0; x < image.cols; ++x, in += 3) {
            *red++ = table[0][in[0]];
            *green++ = table[1][in[1]];
            *blue++ = table[2][in[2]];
        }
    }
}

}  // namespace

extern "C" {

CSStatus cv_mask_corner(const uint8_t *pixels, int width, int height, const CVCornerMask *mask, uint8_t *output,
                        CSError *error) {
    return guardedOpenCV(
        error, [&] { store(masked(view(pixels, width, height), *mask), output, width, height); });
}

CSStatus cv_resize(const uint8_t *pixels, int width, int height, uint8_t *output, int outputWidth, int outputHeight,
                   CSError *error) {
    return guardedOpenCV(error, [&] {
        store(resized(view(pixels, width, height), outputWidth, outputHeight), output, outputWidth, outputHeight);
    });
}

void cv_normalize(const uint8_t *pixels, int width, int height, const CVNormalization *normalization, float *output) {
    normalise(view(pixels, width, height), *normalization, output);
}

CSStatus cv_preprocess(const uint8_t *pixels, int width, int height, const CVCornerMask *mask, int outputWidth,
                       int outputHeight, const CVNormalization *normalization, float *output, CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat image = view(pixels, width, height);
        if (mask != nullptr) image = masked(image, *mask);
        normalise(resized(image, outputWidth, outputHeight), *normalization, output);
    });
}

CSStatus cv_denoise_bilateral(const uint8_t *pixels, int width, int height, double strength, uint8_t *output,
                              CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat result;
        cv::bilateralFilter(view(pixels, width, height), result, 5, strength, 2);
        store(result, output, width, height);
    });
}

CSStatus cv_denoise_nonlocal(const uint8_t *pixels, int width, int height, double strength, uint8_t *output,
                             CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat bgr, result;
        cv::cvtColor(view(pixels, width, height), bgr, cv::COLOR_RGB2BGR);
        const float h = static_cast<float>(strength);
        cv::fastNlMeansDenoisingColored(bgr, bgr, h, h, 5, 15);
        cv::cvtColor(bgr, result, cv::COLOR_BGR2RGB);
        store(result, output, width, height);
    });
}

CSStatus cv_equalize(const uint8_t *pixels, int width, int height, double clipLimit, int tiles, uint8_t *output,
                     CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat lab, result;
        cv::cvtColor(view(pixels, width, height), lab, cv::COLOR_RGB2Lab);
        std::vector<cv::Mat> channels;
        cv::split(lab, channels);
        cv::createCLAHE(clipLimit, cv::Size(tiles, tiles))->apply(channels[0], channels[0]);
        cv::merge(channels, lab);
        cv::cvtColor(lab, result, cv::COLOR_Lab2RGB);
        store(result, output, width, height);
    });
}
}
