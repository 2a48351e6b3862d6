#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace cvision {

/// The longest side of the image in which cells are looked for, in pixels: lengths in the method are made for it.
constexpr int cellsSide = 768;

/// Colours of a smear in CIE Lab, smoothed, against the colour of its empty glass.
struct SmearColours {
    explicit SmearColours(const cv::Mat &rgb);

    /// L, a and b, 8 bits each.
    std::vector<cv::Mat> lab;
    /// Median colour of the brightest fifth.
    cv::Vec3i glass;
    /// How much redder and bluer than the glass, 0 to 255.
    cv::Mat purple;
    /// Distance of the colour from that of the glass, 0 to 255.
    cv::Mat distance;
};

/// Nuclei numbered from 1 in an image of 32-bit numbers.
struct NucleusLabels {
    cv::Mat labels;
    int count = 0;
    /// By number minus one: cut from a region of several.
    std::vector<char> isDivided;
};

NucleusLabels findNuclei(const cv::Mat &rgb, const SmearColours &colours, int maximum);

/// A rectangle with a margin, as far as the image reaches.
inline cv::Rect grown(const cv::Rect &place, int margin, cv::Size image) {
    return cv::Rect(place.tl() - cv::Point(margin, margin), place.br() + cv::Point(margin, margin)) &
           cv::Rect(cv::Point(), image);
}

/// The number of the nearest numbered pixel, and its distance.
cv::Mat nearestLabels(const cv::Mat &labels, cv::Mat &distance);

/// The cell of each nucleus under the same number, the nucleus included.
cv::Mat findCells(const SmearColours &colours, const NucleusLabels &nuclei);

/// Otsu 1979 over the values where `mask` is set: the threshold, and the share of the variance that lies between the
/// two parts.
struct Division {
    int threshold = 0;
    double separability = 0, lowerMean = 0, upperMean = 0, lowerShare = 0;
};
Division divide(const cv::Mat &values, const cv::Mat &mask);

/// Value below which `share` of the masked values lie.
int quantile(const cv::Mat &values, const cv::Mat &mask, double share);

}  // namespace cvision
