#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

namespace cvision {

/// The longer side of the image in which cells are looked for, in pixels: twice that of the image, from the least to the
/// greatest. Lengths in the method are told for the greatest and shrink with it.
constexpr int leastCellsSide = 448, greatestCellsSide = 768;

/// What a pixel of the greatest side is in an image of another.
inline double pixel(cv::Size image) {
    return static_cast<double>(std::max(image.width, image.height)) / greatestCellsSide;
}

/// The odd number of pixels that is nearest to a length, at least 3.
inline int odd(int length, cv::Size image) { return 2 * std::max(1, cvRound((length * pixel(image) - 1) / 2)) + 1; }

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
