#include "smear.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "pixels.hpp"

namespace cvision {

namespace {

/// The most pixels of a smear: about a hundred thousand red cells.
constexpr double largestSmear = 24e6;

/// The brightness that nine tenths of the pixels do not exceed, by channel.
cv::Vec3f glassOf(const cv::Mat &rgb) {
    cv::Vec3f glass;
    for (int channel = 0; channel < 3; ++channel) {
        std::array<int, 256> counts{};
        for (int y = 0; y < rgb.rows; ++y) {
            const cv::Vec3b *row = rgb.ptr<cv::Vec3b>(y);
            for (int x = 0; x < rgb.cols; ++x) ++counts[row[x][channel]];
        }
        const double wanted = 0.9 * static_cast<double>(rgb.total());
        double sum = 0;
        int value = 0;
        while (value < 255 && (sum += counts[value]) < wanted) ++value;
        glass[channel] = static_cast<float>(std::max(value, 1));
    }
    return glass;
}

}  // namespace

std::vector<cv::Mat> opticalDensity(const cv::Mat &rgb, cv::Vec3f glass) {
    std::vector<cv::Mat> channels, result(3);
    cv::split(rgb, channels);
    for (int channel = 0; channel < 3; ++channel) {
        cv::Mat table(1, 256, CV_32F);
        for (int value = 0; value < 256; ++value) {
            const float density = -std::log10((static_cast<float>(value) + 1) / (glass[channel] + 1));
            table.at<float>(value) = std::clamp(density, 0.f, 2.f);
        }
        cv::LUT(channels[channel], table, result[channel]);
    }
    return result;
}

cv::Mat purpleness(const std::vector<cv::Mat> &density) {
    cv::Mat result = density[1] - 0.6 * density[0] - 0.6 * density[2];
    return cv::max(result, 0);
}

}  // namespace cvision

extern "C" {

CSStatus cv_smear_open(const uint8_t *pixels, int width, int height, double redCellPixels, CVSmear **smear,
                       CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (!(redCellPixels >= 4 && redCellPixels <= 400))
            throw std::invalid_argument("a red cell is 4 to 400 pixels wide");
        auto made = std::make_unique<CVSmear>();
        made->image = cvision::view(pixels, width, height).clone();
        made->redCellPixels = redCellPixels;
        made->scale = cvision::smearPixels / redCellPixels;
        if (made->scale * made->scale * width * height > cvision::largestSmear)
            throw std::invalid_argument("the image holds too many red cells to be read at once");
        made->inner = cv::Size(std::max(8, cvRound(width * made->scale)), std::max(8, cvRound(height * made->scale)));
        cv::Mat small, padded;
        cv::resize(made->image, small, made->inner, 0, 0, made->scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
        made->glass = cvision::glassOf(small);
        const int bottom = (4 - small.rows % 4) % 4, right = (4 - small.cols % 4) % 4;
        cv::copyMakeBorder(small, padded, 0, bottom, 0, right, cv::BORDER_REPLICATE);
        made->density = cvision::opticalDensity(padded, made->glass);
        *smear = made.release();
    });
}

void cv_smear_free(CVSmear *smear) { delete smear; }

int cv_smear_width(const CVSmear *smear) { return smear->density[0].cols; }

int cv_smear_height(const CVSmear *smear) { return smear->density[0].rows; }

void cv_smear_densities(const CVSmear *smear, float *values) {
    for (const cv::Mat &channel : smear->density) {
        std::copy_n(channel.ptr<float>(), channel.total(), values);
        values += channel.total();
    }
}

size_t cv_smear_count(const CVSmear *smear) { return smear->list.size(); }

const CVWhiteCell *cv_smear_list(const CVSmear *smear) { return smear->list.data(); }

const CVPoint *cv_smear_points(const CVSmear *smear) { return smear->points.data(); }
}
