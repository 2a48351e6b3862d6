#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "cv_smear.h"

struct CVSmear {
    /// The image as given, for patches.
    cv::Mat image;
    double redCellPixels = 0;
    /// Pixels of the smear by those of the image.
    double scale = 1;
    /// Size before it is rounded up.
    cv::Size inner;
    /// Brightness of the glass by channel, 1 to 255.
    cv::Vec3f glass;
    /// Optical density by channel, 32-bit floats.
    std::vector<cv::Mat> density;
    /// Numbers from 1 of the nuclei and cells.
    cv::Mat nuclei, cells;
    std::vector<CVWhiteCell> list;
    /// The number of each in `nuclei` and `cells`.
    std::vector<int> labels;
    std::vector<CVPoint> points;
};

namespace cvision {

/// Pixels a red cell in the smear and in a patch.
constexpr double smearPixels = CVSmearPixelsPerRedCell, patchPixels = CVPatchPixelsPerRedCell;

/// The optical density of 8-bit values, by channel, against the glass: log₁₀, 0 to 2.
std::vector<cv::Mat> opticalDensity(const cv::Mat &rgb, cv::Vec3f glass);

/// How far green is absorbed more than red and blue: 0.1 to 0.4 in nuclei of azure and eosin stains, 0 to 0.04 in red cells,
/// be they pink or grey, and in whatever is black.
cv::Mat purpleness(const std::vector<cv::Mat> &density);

}  // namespace cvision
