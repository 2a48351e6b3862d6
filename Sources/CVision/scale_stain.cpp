#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "scale.hpp"

namespace cvision {

namespace {

/// Added to the densities, so that what is brighter than the glass is still above 0.
constexpr double densityOffset = 10, colourOffset = 20;

/// Counts of 8-bit values, with their running sums.
struct Histogram {
    std::array<double, 256> counts{};
    std::array<double, 257> below{}, sumBelow{};

    explicit Histogram(const cv::Mat &values, const cv::Mat &mask = cv::Mat()) {
        for (int y = 0; y < values.rows; ++y) {
            const uchar *row = values.ptr<uchar>(y), *inside = mask.empty() ? nullptr : mask.ptr<uchar>(y);
            for (int x = 0; x < values.cols; ++x)
                if (!inside || inside[x]) counts[row[x]] += 1;
        }
        for (int value = 0; value < 256; ++value) {
            below[value + 1] = below[value] + counts[value];
            sumBelow[value + 1] = sumBelow[value] + counts[value] * value;
        }
    }

    int quantile(double share) const {
        const auto found = std::lower_bound(below.begin() + 1, below.end(), share * below[256]);
        return static_cast<int>(found - below.begin()) - 1;
    }
    double mean(int from, int to) const {
        const double count = below[to] - below[from];
        return count > 0 ? (sumBelow[to] - sumBelow[from]) / count : 0;
    }
    /// What a class of values adds to the variance between classes (Otsu 1979, up to a constant).
    double weight(int from, int to) const {
        const double sum = sumBelow[to] - sumBelow[from];
        return sum > 0 ? sum * mean(from, to) : 0;
    }
    /// Otsu's threshold among the values below `top`: the first value of the upper class.
    int divided(int top) const {
        int best = 1;
        double most = -1;
        for (int value = 1; value < top; ++value) {
            const double between = weight(0, value) + weight(value, top);
            if (between > most) { most = between; best = value; }
        }
        return best;
    }
    /// Share of the variance below `top` that lies between the classes that `threshold` makes.
    double separability(int threshold, int top) const {
        const double average = mean(0, top);
        double variance = 0;
        for (int value = 0; value < top; ++value) variance += counts[value] * (value - average) * (value - average);
        const double between = weight(0, threshold) + weight(threshold, top) - below[top] * average * average;
        return variance > 0 ? between / variance : 0;
    }
    /// Whether there are two heaps of values on the two sides of `threshold`, with few in between.
    bool hasValley(int threshold, int top) const {
        std::array<double, 256> smooth{};
        for (int value = 2; value < 254; ++value)
            smooth[value] = counts[value - 2] + 2 * counts[value - 1] + 3 * counts[value] + 2 * counts[value + 1] +
                            counts[value + 2];
        const auto first = std::max_element(smooth.begin(), smooth.begin() + threshold);
        const auto from = std::max(smooth.begin() + threshold, first + 5), end = smooth.begin() + top;
        if (from >= end) return false;
        const auto second = std::max_element(from, end);
        return *std::min_element(first, second) < 0.6 * std::min(*first, *second);
    }
};

/// The first density of cells, and the mean densities of glass and of the palest kind of cell.
struct Threshold {
    int value = 0;
    double glass = 0, cells = 0;
};

/// Two classes are glass and cells; three are glass, red cells and nuclei, where the third stands clear of the second.
Threshold cellThreshold(const Histogram &densities) {
    int lower = 1, upper = 2;
    double most = -1;
    for (int i = 1; i < 254; ++i)
        for (int j = i + 1; j < 255; ++j) {
            const double between = densities.weight(0, i) + densities.weight(i, j) + densities.weight(j, 256);
            if (between > most) { most = between; lower = i; upper = j; }
        }
    const double pale = densities.mean(0, lower), middle = densities.mean(lower, upper);
    const double dark = densities.mean(upper, 256);
    Threshold result{lower, pale, middle};
    if (dark - pale <= 2 * (middle - pale) || middle - pale <= 6) {
        const int threshold = densities.divided(256);
        result = {threshold, densities.mean(0, threshold), densities.mean(threshold, 256)};
    }
    // Beside strongly stained nuclei pale red cells count as glass: then that class is divided once more.
    const int top = result.value, paler = densities.divided(top);
    const double share = 1 - densities.below[paler] / std::max(densities.below[top], 1.0);
    const double glass = densities.mean(0, paler), cells = densities.mean(paler, top);
    const bool isClear = densities.hasValley(paler, top) && share > 0.06;
    const bool isMost = densities.below[top] > 0.8 * densities.below[256] && share > 0.2;
    const bool isDivided = cells - glass >= 5 && densities.separability(paler, top) > 0.7 && (isClear || isMost);
    return isDivided ? Threshold{paler, glass, cells} : result;
}

uchar inUnits(double glass, double value, double share, double offset) {
    return cv::saturate_cast<uchar>(share * std::log10((glass + 4) / (value + 4)) * densityUnit + offset);
}

}  // namespace

cv::Vec3b glassColour(const cv::Mat &rgb) {
    cv::Mat grey, channel;
    cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
    const cv::Mat brightest = grey >= Histogram(grey).quantile(0.8);
    cv::Vec3b colour;
    for (int i = 0; i < 3; ++i) {
        cv::extractChannel(rgb, channel, i);
        colour[i] = static_cast<uchar>(Histogram(channel, brightest).quantile(0.5));
    }
    return colour;
}

StainDensity::StainDensity(const cv::Mat &rgb) {
    const cv::Vec3b empty = glassColour(rgb);
    std::vector<cv::Mat> channels;
    cv::split(rgb, channels);
    constexpr double shares[3] = {0.25, 0.6, 0.15};
    cv::Mat parts[3], sum;
    for (int channel = 0; channel < 3; ++channel) {
        const double light = std::max<int>(20, empty[channel]);
        cv::Mat1b colour(1, 256);
        cv::Mat1f part(1, 256);
        for (int value = 0; value < 256; ++value) {
            colour(value) = inUnits(light, value, 1, colourOffset);
            part(value) = static_cast<float>(shares[channel] * std::log10((light + 4) / (value + 4)) * densityUnit);
        }
        cv::LUT(channels[channel], part, parts[channel]);
        cv::LUT(channels[channel], colour, channels[channel]);
    }
    cv::merge(channels, colours);
    cv::Mat(parts[0] + parts[1] + parts[2]).convertTo(sum, CV_8U, 1, densityOffset);
    cv::GaussianBlur(sum, density, cv::Size(3, 3), 0);
    const Threshold threshold = cellThreshold(Histogram(density));
    glass = threshold.glass;
    contrast = threshold.cells - threshold.glass;
    stained = density >= threshold.value;
}

cv::Vec3f StainDensity::colour(cv::Point2f middle, float radius) const {
    const float reach = 0.85f * radius;
    const int step = std::max(1, static_cast<int>(radius / 8));
    cv::Vec3d sum(0, 0, 0);
    int count = 0;
    const int bottom = std::min(colours.rows - 1, cvFloor(middle.y + reach));
    const int right = std::min(colours.cols - 1, cvFloor(middle.x + reach));
    for (int y = std::max(0, cvCeil(middle.y - reach)); y <= bottom; y += step)
        for (int x = std::max(0, cvCeil(middle.x - reach)); x <= right; x += step) {
            const cv::Point2f away(static_cast<float>(x) - middle.x, static_cast<float>(y) - middle.y);
            if (away.dot(away) > reach * reach) continue;
            const cv::Vec3b &pixel = colours.at<cv::Vec3b>(y, x);
            sum += cv::Vec3d(pixel[0], pixel[1], pixel[2]);
            ++count;
        }
    if (count == 0) return cv::Vec3f(0, 0, 0);
    return cv::Vec3f(sum / count) - cv::Vec3f::all(static_cast<float>(colourOffset));
}

}  // namespace cvision
