#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "cv_preprocess.h"
#include "pixels.hpp"

using namespace cvision;

namespace {

cv::Mat toLab(const cv::Mat &rgb) {
    cv::Mat lab;
    rgb.convertTo(lab, CV_32F, 1.0 / 255);
    cv::cvtColor(lab, lab, cv::COLOR_RGB2Lab);
    return lab;
}

/// Optical density of every pixel, one row each (Beer and Lambert): -ln((value + 1) / 256).
cv::Mat opticalDensity(const cv::Mat &rgb) {
    double table[256];
    for (int value = 0; value < 256; ++value) table[value] = -std::log((value + 1) / 256.0);
    cv::Mat density(static_cast<int>(rgb.total()), 3, CV_64F);
    for (int i = 0; i < density.rows; ++i)
        for (int c = 0; c < 3; ++c) density.at<double>(i, c) = table[rgb.data[static_cast<size_t>(i) * 3 + c]];
    return density;
}

double percentile(std::vector<double> values, double fraction) {
    const size_t index = static_cast<size_t>(fraction * (values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + index, values.end());
    return values[index];
}

/// Rows of `density` that carry stain: all three channels over 0.15 (Macenko's beta).
cv::Mat stainedRows(const cv::Mat &density) {
    cv::Mat stained;
    for (int i = 0; i < density.rows; ++i) {
        const double *row = density.ptr<double>(i);
        if (std::min({row[0], row[1], row[2]}) > 0.15) stained.push_back(density.row(i));
    }
    return stained;
}

/// Macenko 2009: the extreme directions in the plane of the two leading eigenvectors are the stains, `[2, 3]`.
cv::Mat stainVectors(const cv::Mat &stained) {
    cv::Mat covariance, mean, values, vectors;
    cv::calcCovarMatrix(stained, covariance, mean, cv::COVAR_NORMAL | cv::COVAR_ROWS | cv::COVAR_SCALE, CV_64F);
    cv::eigen(covariance, values, vectors);
    cv::Mat plane = vectors.rowRange(0, 2).clone();
    // An eigenvector's sign is arbitrary; optical densities are positive.
    for (int i = 0; i < 2; ++i)
        if (cv::sum(plane.row(i))[0] < 0) plane.row(i) *= -1;
    const cv::Mat projected = stained * plane.t();
    std::vector<double> angles(projected.rows);
    for (int i = 0; i < projected.rows; ++i) angles[i] = std::atan2(projected.at<double>(i, 1), projected.at<double>(i, 0));
    cv::Mat result(2, 3, CV_64F);
    const double extremes[2] = {percentile(angles, 0.01), percentile(angles, 0.99)};
    for (int i = 0; i < 2; ++i) {
        cv::Mat direction = std::cos(extremes[i]) * plane.row(0) + std::sin(extremes[i]) * plane.row(1);
        cv::normalize(direction, direction);
        direction.copyTo(result.row(i));
    }
    // The stain that takes away more red is the blue one; it comes first.
    if (result.at<double>(0, 0) < result.at<double>(1, 0)) {
        const cv::Mat first = result.row(0).clone();
        result.row(1).copyTo(result.row(0));
        first.copyTo(result.row(1));
    }
    return result;
}

/// Least-squares amounts of the two stains in every pixel, `[pixels, 2]`.
cv::Mat concentrations(const cv::Mat &density, const cv::Mat &stains) {
    cv::Mat inverse;
    cv::invert(stains, inverse, cv::DECOMP_SVD);
    return density * inverse;
}

/// The two stains of an image, `[2, 3]`, how much of each lies in its pixels, and the 99th percentile of that.
struct Stains {
    cv::Mat vectors, amounts;
    double maxima[2];
};

/// Finds the stains; false for an image with less than 1 % of stained pixels.
bool findStains(const cv::Mat &density, Stains &found) {
    const cv::Mat stained = stainedRows(density);
    if (stained.rows * 100LL < density.rows || stained.rows < 3) return false;
    found.vectors = stainVectors(stained);
    found.amounts = concentrations(density, found.vectors);
    for (int stain = 0; stain < 2; ++stain) {
        const cv::Mat column = found.amounts.col(stain).clone();
        found.maxima[stain] = percentile(std::vector<double>(column.begin<double>(), column.end<double>()), 0.99);
    }
    return true;
}

cv::Mat recoloured(const cv::Mat &amounts, const cv::Mat &stains, int rows, int columns) {
    const cv::Mat density = amounts * stains;
    cv::Mat result(rows, columns, CV_8UC3);
    for (int i = 0; i < density.rows; ++i)
        for (int c = 0; c < 3; ++c)
            result.data[static_cast<size_t>(i) * 3 + c] =
                cv::saturate_cast<uchar>(256.0 * std::exp(-density.at<double>(i, c)) - 1.0);
    return result;
}

}  // namespace

extern "C" {

CSStatus cv_lab_statistics(const uint8_t *pixels, int width, int height, double mean[3], double deviation[3],
                           CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Scalar average, spread;
        cv::meanStdDev(toLab(view(pixels, width, height)), average, spread);
        for (int c = 0; c < 3; ++c) {
            mean[c] = average[c];
            deviation[c] = spread[c];
        }
    });
}

CSStatus cv_reinhard(const uint8_t *pixels, int width, int height, const double mean[3], const double deviation[3],
                     uint8_t *output, CSError *error) {
    return guardedOpenCV(error, [&] {
        cv::Mat lab = toLab(view(pixels, width, height)), result;
        cv::Scalar average, spread;
        cv::meanStdDev(lab, average, spread);
        std::vector<cv::Mat> channels;
        cv::split(lab, channels);
        for (int c = 0; c < 3; ++c) {
            // A channel without spread carries no stain to scale.
            const double scale = spread[c] > 1e-3 ? deviation[c] / spread[c] : 1;
            channels[c].convertTo(channels[c], CV_32F, scale, mean[c] - average[c] * scale);
        }
        cv::merge(channels, lab);
        cv::cvtColor(lab, lab, cv::COLOR_Lab2RGB);
        lab.convertTo(result, CV_8U, 255);
        store(result, output, width, height);
    });
}

CSStatus cv_macenko_stains(const uint8_t *pixels, int width, int height, double stains[6], double maxima[2],
                           int *isStained, CSError *error) {
    return guardedOpenCV(error, [&] {
        Stains found;
        *isStained = findStains(opticalDensity(view(pixels, width, height)), found);
        if (!*isStained) return;
        for (int i = 0; i < 6; ++i) stains[i] = found.vectors.at<double>(i / 3, i % 3);
        for (int i = 0; i < 2; ++i) maxima[i] = found.maxima[i];
    });
}

CSStatus cv_macenko(const uint8_t *pixels, int width, int height, const double stains[6], const double maxima[2],
                    uint8_t *output, CSError *error) {
    return guardedOpenCV(error, [&] {
        const cv::Mat image = view(pixels, width, height);
        Stains found;
        if (!findStains(opticalDensity(image), found)) return store(image, output, width, height);
        for (int stain = 0; stain < 2; ++stain)
            if (found.maxima[stain] > 1e-6) found.amounts.col(stain) *= maxima[stain] / found.maxima[stain];
        const cv::Mat target(2, 3, CV_64F, const_cast<double *>(stains));
        store(recoloured(found.amounts, target, height, width), output, width, height);
    });
}
}
