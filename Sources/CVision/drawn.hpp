#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <vector>

#include "random.hpp"

namespace cvision {

/// What the four classes differ in, and nothing else does. Radii are in radii of a red cell.
struct Morphology {
    /// Nucleus radius, and its variation from cell to cell (share).
    float nucleusRadius, radiusVariation;
    /// Area of the nucleus over the area of the cell.
    float nucleusToCytoplasm;
    /// Depth of the dents of the nucleus outline as a share of its radius; 0 is a circle.
    float irregularity;
    /// Fewest and most nucleoli.
    int fewestNucleoli, mostNucleoli;
    /// Size of the chromatin clumps, in radii of a red cell, and their contrast.
    float grain, grainContrast;
    /// Share of the white cells that touch another one.
    float crowding;
};

/// Everything that varies from field to field whatever the class; drawn from the seed alone.
struct FieldConditions {
    /// Red-cell radius in pixels.
    float redRadius;
    /// Optical densities of the parts, red first.
    cv::Vec3f nucleus, cytoplasm, red;
    /// Colour of the empty field, 0 to 1.
    cv::Vec3f background;
    /// Share of the field under red cells and cytoplasm, and under nuclei of white cells.
    float redCover, nucleusCover;
    /// Depth of the pale middle of red cells, 0 to 1.
    float pallor;
    /// Light falls off by this share across the field, in this direction, and by that share towards the corners.
    float gradient, gradientAngle, vignette;
    /// Standard deviations of defocus in pixels and of noise as a share of the range.
    float blur, noise;
    /// JPEG quality, or 0 for none.
    int quality;
    /// Style of the scale bar, 0 (none) to 4.
    int bar;
};

/// Density of stain, red first, one value a pixel; white cells lie over it, red cells add to it.
using Densities = cv::Mat3f;

/// A smooth random texture of mean 0 and values about -1 to 1, with clumps of `grain` pixels.
cv::Mat1f texture(int side, float grain, Random &random);

/// Distance from the middle to the outline in each of 256 directions, as a share of the mean radius.
using Outline = std::array<float, 256>;

/// A closed curve with `depth` of waves of two to five to the turn.
Outline outline(float depth, Random &random);

/// A red cell with its pale middle.
/// - Returns: Its radius in pixels.
float drawRedCell(Densities &field, cv::Point2f middle, const FieldConditions &conditions, Random &random);

/// A white cell: cytoplasm, nucleus with chromatin, nucleoli.
void drawWhiteCell(Densities &field, cv::Point2f middle, float nucleusRadius, const Morphology &morphology,
                   const FieldConditions &conditions, const cv::Mat1f &chromatin, Random &random);

/// A white cell whose nucleus lies in lobes, which together cover the area of a disc of this radius.
void drawLobedCell(Densities &field, cv::Point2f middle, float nucleusRadius, int lobes, const Morphology &morphology,
                   const FieldConditions &conditions, Random &random);

/// Platelets and now and then a smudge: found in every class alike.
void drawDebris(Densities &field, const FieldConditions &conditions, Random &random);

/// Light through the stain, focus, noise, scale bar, compression.
cv::Mat photograph(const Densities &field, const FieldConditions &conditions, Random &random);

}  // namespace cvision
