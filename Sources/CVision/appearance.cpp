#include "cv_appearance.h"

#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "pixels.hpp"

namespace {

/// Keeps logarithms of variances finite; a quarter of a grey level squared is less than rounding leaves behind.
constexpr double floorOfVariance = 0.25;

/// Levels of the pyramid: details of about 1, 2, 4, 8 and 16 pixels.
constexpr int levels = 5;

/// Writes one figure after the other and refuses to write too many.
class Writer {
public:
    explicit Writer(CVAppearance &appearance) : appearance(appearance) {}

    void add(double value) {
        if (count == CVAppearanceFeatures) throw std::logic_error("too many figures of the appearance");
        appearance.features[count++] = value;
    }

    void addLogDeviation(double variance) { add(std::log(variance + floorOfVariance) / 2); }

    void addLogDeviations(const cv::Mat &values) {
        cv::Scalar mean, deviation;
        cv::meanStdDev(values, mean, deviation);
        for (int i = 0; i < values.channels(); ++i) addLogDeviation(deviation[i] * deviation[i]);
    }

    bool isComplete() const { return count == CVAppearanceFeatures; }

private:
    CVAppearance &appearance;
    int count = 0;
};

using Histogram = std::array<int, 256>;

std::array<Histogram, 3> histograms(const cv::Mat &image) {
    std::array<Histogram, 3> counts{};
    for (int y = 0; y < image.rows; ++y) {
        const uchar *pixel = image.ptr<uchar>(y);
        for (int x = 0; x < image.cols; ++x, pixel += 3)
            for (int i = 0; i < 3; ++i) counts[i][pixel[i]] += 1;
    }
    return counts;
}

/// The value below which `share` of the pixels lie, interpolated within its step.
double quantile(const Histogram &counts, double total, double share) {
    const double wanted = share * total;
    double below = 0;
    for (int value = 0; value < 256; ++value) {
        const double upTo = below + counts[value];
        if (upTo >= wanted && counts[value] > 0) return value + (wanted - below) / counts[value] - 0.5;
        below = upTo;
    }
    return 255;
}

/// The sum of the values, or of their squares.
double moment(const Histogram &counts, int power) {
    double sum = 0;
    for (int value = 0; value < 256; ++value) sum += static_cast<double>(counts[value]) * std::pow(value, power);
    return sum;
}

/// Quantiles, mean and spread of lightness, red-green and blue-yellow.
void addColours(const cv::Mat &lab, Writer &writer) {
    const auto counts = histograms(lab);
    const double total = static_cast<double>(lab.total());
    for (const Histogram &histogram : counts)
        for (double share : {0.05, 0.25, 0.5, 0.75, 0.95}) writer.add(quantile(histogram, total, share));
    for (const Histogram &histogram : counts) writer.add(moment(histogram, 1) / total);
    for (const Histogram &histogram : counts) {
        const double mean = moment(histogram, 1) / total;
        writer.addLogDeviation(moment(histogram, 2) / total - mean * mean);
    }
}

/// How lightness, red-green and blue-yellow go together.
void addCorrelations(const cv::Mat &lab, Writer &writer) {
    double sums[3] = {}, products[3][3] = {};
    for (int y = 0; y < lab.rows; ++y) {
        const uchar *pixel = lab.ptr<uchar>(y);
        for (int x = 0; x < lab.cols; ++x, pixel += 3)
            for (int i = 0; i < 3; ++i) {
                sums[i] += pixel[i];
                for (int j = 0; j <= i; ++j) products[i][j] += static_cast<double>(pixel[i]) * pixel[j];
            }
    }
    const double total = static_cast<double>(lab.total());
    const auto covariance = [&](int i, int j) {
        return products[i][j] / total - sums[i] / total * (sums[j] / total) + (i == j ? floorOfVariance : 0);
    };
    for (const auto &[i, j] : {std::pair{1, 0}, std::pair{2, 0}, std::pair{2, 1}})
        writer.add(covariance(i, j) / std::sqrt(covariance(i, i) * covariance(j, j)));
}

/// Whether edges run upright, level or slanting: rows of text and of bricks do, cells lie anyhow.
void addDirections(const cv::Mat &lab, Writer &writer) {
    double across = 0, down = 0, both = 0;
    for (int y = 0; y + 1 < lab.rows; ++y) {
        const uchar *pixel = lab.ptr<uchar>(y), *below = lab.ptr<uchar>(y + 1);
        for (int x = 0; x + 1 < lab.cols; ++x) {
            const double dx = pixel[3 * (x + 1)] - pixel[3 * x], dy = below[3 * x] - pixel[3 * x];
            across += dx * dx;
            down += dy * dy;
            both += dx * dy;
        }
    }
    const double total = std::max(1.0, (lab.rows - 1.0) * (lab.cols - 1.0));
    across = across / total + floorOfVariance;
    down = down / total + floorOfVariance;
    writer.add(std::log(across / down));
    writer.add(both / total / (across + down));
}

double share(const cv::Mat &mask) { return static_cast<double>(cv::countNonZero(mask)) / mask.total(); }

/// How much of the half-sized image is violet as nuclei are, how much of that lies deep inside, how much is pale.
void addAreas(const cv::Mat &half, Writer &writer) {
    cv::Mat hsv, violet, pale, depth;
    cv::cvtColor(half, hsv, cv::COLOR_RGB2HSV);
    // The ranges of `cv_quality`.
    cv::inRange(hsv, cv::Scalar(110, 60, 0), cv::Scalar(170, 255, 255), violet);
    cv::inRange(hsv, cv::Scalar(0, 0, 200), cv::Scalar(180, 40, 255), pale);
    writer.add(std::sqrt(share(violet)));
    // Without a pixel outside, the distance to the outside has no value.
    if (cv::countNonZero(violet) == static_cast<int>(violet.total())) {
        depth = cv::Mat(violet.size(), CV_32F, cv::Scalar(1e6));
    } else {
        cv::distanceTransform(violet, depth, cv::DIST_L2, cv::DIST_MASK_3);
    }
    for (double radius : {1.0, 2.0, 3.5, 5.5}) writer.add(std::sqrt(share(depth > radius)));
    writer.add(std::sqrt(share(pale)));
}

/// The ground is the median colour of the brightest fifth, as in the segmentation of cells.
void measureGround(const cv::Mat &lab, CVAppearance &appearance) {
    const double total = static_cast<double>(lab.total());
    const double bright = quantile(histograms(lab)[0], total, 0.8);
    std::array<Histogram, 3> top{};
    double topTotal = 0;
    for (int y = 0; y < lab.rows; ++y) {
        const uchar *pixel = lab.ptr<uchar>(y);
        for (int x = 0; x < lab.cols; ++x, pixel += 3) {
            // The quantile lies within half a step of its value; pixels of that value belong to the brightest.
            if (pixel[0] < bright - 0.5) continue;
            for (int i = 0; i < 3; ++i) top[i][pixel[i]] += 1;
            topTotal += 1;
        }
    }
    double ground[3];
    for (int i = 0; i < 3; ++i) ground[i] = quantile(top[i], topTotal, 0.5);
    double near = 0, stained = 0;
    for (int y = 0; y < lab.rows; ++y) {
        const uchar *pixel = lab.ptr<uchar>(y);
        for (int x = 0; x < lab.cols; ++x, pixel += 3) {
            const double light = pixel[0] - ground[0], red = pixel[1] - ground[1], blue = ground[2] - pixel[2];
            near += light * light + red * red + blue * blue < 25 * 25;
            stained += red > 0 && blue > 0 && red * blue > 10 * 10;
        }
    }
    appearance.groundShare = near / total;
    appearance.groundLightness = ground[0];
    appearance.groundChroma = std::hypot(ground[1] - 128, ground[2] - 128);
    appearance.stainedShare = stained / total;
}

}  // namespace

extern "C" void cv_appearance_prepare(void) {
    cstatus::guardedOpenCV(nullptr, [&] {
        cv::Mat lab;
        cv::cvtColor(cv::Mat(1, 1, CV_8UC3, cv::Scalar(0, 0, 0)), lab, cv::COLOR_RGB2Lab);
    });
}

extern "C" CSStatus cv_appearance(const uint8_t *pixels, int width, int height, CVAppearance *appearance,
                                  CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const cv::Mat image = cvision::view(pixels, width, height);
        cv::Mat lab, half, halfLab;
        cv::cvtColor(image, lab, cv::COLOR_RGB2Lab);
        Writer writer(*appearance);
        addColours(lab, writer);
        cv::Mat level = lab, detail;
        for (int i = 0; i < levels; ++i) {
            if (i == 1) halfLab = level;
            cv::Laplacian(level, detail, CV_16S);
            writer.addLogDeviations(detail);
            cv::Mat next;
            cv::pyrDown(level, next);
            level = next;
        }
        writer.addLogDeviations(level);
        addCorrelations(halfLab, writer);
        addDirections(halfLab, writer);
        cv::pyrDown(image, half);
        addAreas(half, writer);
        if (!writer.isComplete()) throw std::logic_error("too few figures of the appearance");
        measureGround(halfLab, *appearance);
    });
}
