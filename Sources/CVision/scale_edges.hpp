#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "scale.hpp"

namespace cvision {

/// A place where density changes most, with the direction in which it grows.
struct Edge {
    cv::Point2f place, inward;
};

/// The edges of one reduction of an image, thinned to one pixel and placed between pixels.
struct EdgeMap {
    /// - Parameters: density of 8 bits; the least change in a pixel that is an edge.
    EdgeMap(const cv::Mat &density, float threshold);

    std::vector<Edge> edges;
    /// Of each pixel the number of its edge, or -1.
    cv::Mat1i numbers;
};

/// An ellipse around a dark middle, fitted to the edges that face it.
struct FittedOutline {
    cv::Point2f middle;
    float radius = 0, coverage = 0, diameter = 0;
};

/// Fits an ellipse near a circle; nothing where too few edges face its middle, or they do not lie on an ellipse.
std::optional<FittedOutline> fitOutline(const EdgeMap &map, cv::Point2f middle, float radius);

}  // namespace cvision
