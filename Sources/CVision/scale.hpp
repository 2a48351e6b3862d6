#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace cvision {

/// Units of stain density in 8 bits: one decade of light.
constexpr double densityUnit = 255 / 1.2;

/// The colour of empty glass, red first: the median of the brightest fifth.
cv::Vec3b glassColour(const cv::Mat &rgb);

/// How much light a smear takes away, against its empty glass: the logarithm, so that shares of it are of stain.
struct StainDensity {
    explicit StainDensity(const cv::Mat &rgb);

    /// Over all colours, green counting most; 10 where there is glass. 8 bits, smoothed over three pixels.
    cv::Mat density;
    /// Of red, green and blue, 8 bits each; 20 where there is glass.
    cv::Mat colours;
    /// Where `density` is that of a cell, 255 there and else 0.
    cv::Mat stained;
    /// Mean density of the glass, and how much denser the palest kind of cell is.
    double glass = 0, contrast = 0;

    /// Mean densities of red, green and blue in a disc, 0 for glass.
    cv::Vec3f colour(cv::Point2f middle, float radius) const;
};

/// Something round; lengths in pixels of the image it was found in.
struct RoundCell {
    cv::Point2f middle;
    /// Of the circle of the same area.
    float radius = 0;
    /// The mean of its bounding rectangle's sides.
    float diameter = 0;
    /// Share of its outline that was seen, 0 to 1.
    float coverage = 0;
    bool isWhite = false;
};

/// Round outlines: edges vote for middles along their gradients; ellipses are fitted to the edges around the winners.
std::vector<RoundCell> outlinedCells(const StainDensity &stain);

/// Round parts of the stained area: the largest discs inside it that meet its border on most sides.
std::vector<RoundCell> inscribedCells(const StainDensity &stain);

/// Marks the cells that have the colour of nuclei.
void markWhiteCells(std::vector<RoundCell> &cells, const StainDensity &stain);

/// The usual diameter of the cells that are not white ones.
struct UsualDiameter {
    double pixels = 0;
    /// Distance of the quartiles of its logarithm, among those that are about this large.
    double spread = 0;
    int count = 0;
    /// Median share of their outlines that was seen.
    double coverage = 0;
};
UsualDiameter usualDiameter(const std::vector<RoundCell> &cells);

}  // namespace cvision
