#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "pixels.hpp"
#include "random.hpp"
#include "smear.hpp"

namespace {

cv::Matx23d placement(const CVFieldVariation &v, int side) {
    const double across = v.isMirrored ? -v.magnificationX : v.magnificationX;
    const double down = v.isFlipped ? -v.magnificationY : v.magnificationY;
    const double middle = (side - 1) / 2.0;
    if (v.isTransposed) return {0, down, middle - down * v.y, across, 0, middle - across * v.x};
    return {across, 0, middle - across * v.x, 0, down, middle - down * v.y};
}

}  // namespace

extern "C" CSStatus cv_field_crop(const uint8_t *densities, int width, int height, const CVFieldVariation *variation,
                                  int side, float *field, double *map, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const CVFieldVariation &v = *variation;
        const cv::Matx23d place = placement(v, side);
        std::copy_n(place.val, 6, map);
        std::vector<cv::Mat> planes;
        for (int channel = 0; channel < 3; ++channel) {
            const size_t offset = static_cast<size_t>(channel) * static_cast<size_t>(width) * static_cast<size_t>(height);
            const cv::Mat bytes(height, width, CV_8U, const_cast<uint8_t *>(densities) + offset);
            cv::Mat moved;
            cv::warpAffine(bytes, moved, place, cv::Size(side, side), cv::INTER_LINEAR, cv::BORDER_CONSTANT,
                           cv::Scalar::all(0));
            moved.convertTo(moved, CV_32F, 1.275 / 255);
            planes.push_back(moved);
        }
        cvision::Random random(v.seed, 1);
        for (int channel = 0; channel < 3; ++channel) {
            cv::Mat mixed = v.mixing[3 * channel] * planes[0] + v.mixing[3 * channel + 1] * planes[1] +
                            v.mixing[3 * channel + 2] * planes[2];
            mixed = cv::max(mixed, 0);
            if (v.gamma != 1) cv::pow(mixed + 1e-4, v.gamma, mixed);
            if (v.blur > 0.3) cv::GaussianBlur(mixed, mixed, cv::Size(), v.blur);
            float *values = field + static_cast<size_t>(channel) * mixed.total();
            const float shift = static_cast<float>(v.offset[channel]), noise = static_cast<float>(v.noise);
            for (size_t i = 0; i < mixed.total(); ++i)
                values[i] = mixed.ptr<float>()[i] + shift + (noise > 0 ? noise * random.normal() : 0.f);
        }
    });
}
