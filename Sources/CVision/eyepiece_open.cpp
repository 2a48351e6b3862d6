#include "cv_eyepiece.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "pixels.hpp"

namespace {

/// Of the radius: how far in the picture is good, and where the mirror stands.
constexpr double goodRadius = 0.97, mirrorRadius = 0.965;
/// What the background of a field becomes.
constexpr int white = 242;

/// IEC 61966-2-1.
double lightOf(double sample) { return sample <= 0.04045 ? sample / 12.92 : std::pow((sample + 0.055) / 1.055, 2.4); }

const std::array<float, 256> &lights() {
    static const auto table = [] {
        std::array<float, 256> table;
        for (int i = 0; i < 256; ++i) table[i] = static_cast<float>(lightOf(i / 255.));
        return table;
    }();
    return table;
}

uchar sampleOf(double light) {
    constexpr int levels = 65536;
    static const auto table = [] {
        std::vector<uchar> table(levels);
        for (int i = 0; i < levels; ++i) {
            const double value = i / (levels - 1.);
            const double sample = value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
            table[i] = static_cast<uchar>(std::lround(sample * 255));
        }
        return table;
    }();
    return table[static_cast<size_t>(std::clamp(light, 0., 1.) * (levels - 1) + 0.5)];
}

double quantile(std::vector<float> &values, double share) {
    const auto place = values.begin() + static_cast<ptrdiff_t>(share * (static_cast<double>(values.size()) - 1));
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

/// The field in the circle: the light of its background by the distance from the middle, and the colour of that.
class Field {
  public:
    Field(const cv::Mat &rgb, const CVCircle &circle) : rgb_(rgb), circle_(circle) {
        // Some hundred thousand pixels tell it as well as all.
        step_ = std::max(1, static_cast<int>(circle.radius / 300));
        fitLight();
        fitColour();
    }

    double place(double x, double y) const {
        return std::hypot(x + 0.5 - circle_.centerX, y + 0.5 - circle_.centerY) / circle_.radius;
    }

    /// By what the light there is to be multiplied, so that the field is even.
    double gain(double place) const {
        const double square = place * place;
        const double light = fall_[0] + fall_[1] * square + fall_[2] * square * square;
        return most_ / std::max(light, most_ / 3);
    }

    /// By what each colour is to be multiplied, so that the background is white.
    const cv::Vec3d &balance() const { return balance_; }

  private:
    template <typename Body> void eachInside(Body &&body) const {
        const int left = std::max(0, static_cast<int>(circle_.centerX - circle_.radius));
        const int top = std::max(0, static_cast<int>(circle_.centerY - circle_.radius));
        const int right = std::min(rgb_.cols, static_cast<int>(circle_.centerX + circle_.radius) + 1);
        const int bottom = std::min(rgb_.rows, static_cast<int>(circle_.centerY + circle_.radius) + 1);
        for (int y = top; y < bottom; y += step_)
            for (int x = left; x < right; x += step_) {
                const double place = this->place(x, y);
                if (place >= goodRadius) continue;
                const uchar *in = rgb_.ptr<uchar>(y) + 3 * x;
                const auto &light = lights();
                body(place, cv::Vec3f(light[in[0]], light[in[1]], light[in[2]]));
            }
    }

    static float brightness(const cv::Vec3f &light) {
        return 0.2126f * light[0] + 0.7152f * light[1] + 0.0722f * light[2];
    }

    /// The background is the lightest tenth of each ring; a parabola of the square of the distance goes through them, the
    /// form of the fall-off of lenses (cos⁴) and of condensers alike.
    void fitLight() {
        constexpr int rings = 14;
        std::vector<float> values[rings];
        eachInside([&](double place, const cv::Vec3f &light) {
            values[std::min(rings - 1, static_cast<int>(place / goodRadius * rings))].push_back(brightness(light));
        });
        cv::Mat left(0, 3, CV_64F), right(0, 1, CV_64F), solution;
        for (int ring = 0; ring < rings; ++ring) {
            if (values[ring].size() < 50) continue;
            const double inner = goodRadius * ring / rings, outer = goodRadius * (ring + 1) / rings;
            const double square = (inner * inner + outer * outer) / 2;
            left.push_back(cv::Mat(cv::Matx13d(1, square, square * square)));
            const double light = quantile(values[ring], 0.9);
            right.push_back(light);
            most_ = std::max(most_, light);
        }
        if (left.rows < 3 || most_ <= 0) throw std::runtime_error("the circle is too small");
        cv::solve(left, right, solution, cv::DECOMP_SVD);
        for (int i = 0; i < 3; ++i) fall_[i] = solution.at<double>(i);
    }

    /// The median colour of the lighter quarter, without the lightest, which may be burnt out.
    void fitColour() {
        std::vector<cv::Vec3f> evened;
        std::vector<float> values;
        eachInside([&](double place, const cv::Vec3f &light) {
            evened.push_back(light * static_cast<float>(gain(place)));
            values.push_back(brightness(evened.back()));
        });
        const auto low = static_cast<float>(quantile(values, 0.75)), high = static_cast<float>(quantile(values, 0.97));
        for (int c = 0; c < 3; ++c) {
            std::vector<float> background;
            for (const auto &light : evened)
                if (brightness(light) >= low && brightness(light) <= high) background.push_back(light[c]);
            balance_[c] = lightOf(white / 255.) / std::max(quantile(background, 0.5), 1e-3);
        }
    }

    const cv::Mat &rgb_;
    const CVCircle circle_;
    int step_ = 1;
    double fall_[3] = {}, most_ = 0;
    cv::Vec3d balance_;
};

}  // namespace

extern "C" CSStatus cv_eyepiece_open(const uint8_t *pixels, int width, int height, const CVCircle *circle, int left,
                                     int top, int isMirrored, uint8_t *output, int outputWidth, int outputHeight,
                                     CSError *error) {
    return cvision::guardedOpenCV(error, [&] {
        if (left < 0 || top < 0 || left > width - outputWidth || top > height - outputHeight || circle->radius < 1)
            throw std::invalid_argument("the rectangle leaves the image");
        const cv::Mat rgb = cvision::view(pixels, width, height);
        const Field field(rgb, *circle);
        const auto &light = lights();
        for (int row = 0; row < outputHeight; ++row)
            for (int column = 0; column < outputWidth; ++column, output += 3) {
                int x = left + column, y = top + row;
                double place = field.place(x, y);
                if (place > mirrorRadius && isMirrored != 0) {
                    const double mirrored = std::max(0., 2 * mirrorRadius - place) / place;
                    x = static_cast<int>(std::lround((x + 0.5 - circle->centerX) * mirrored + circle->centerX - 0.5));
                    y = static_cast<int>(std::lround((y + 0.5 - circle->centerY) * mirrored + circle->centerY - 0.5));
                    x = std::clamp(x, 0, width - 1);
                    y = std::clamp(y, 0, height - 1);
                    place = field.place(x, y);
                } else if (place > goodRadius) {
                    std::fill_n(output, 3, static_cast<uchar>(white));
                    continue;
                }
                const uchar *in = rgb.ptr<uchar>(y) + 3 * x;
                const double gain = field.gain(place);
                for (int c = 0; c < 3; ++c) output[c] = sampleOf(light[in[c]] * gain * field.balance()[c]);
            }
    });
}
