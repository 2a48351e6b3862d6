#pragma once

#include "CStatus.h"
#include "cv_cells.h"

CS_BEGIN

/// A smear at a fixed scale: so many pixels a red cell, whatever the microscope and camera.
///
/// Owned by CVision until `cv_smear_free`. One thread at a time.
typedef struct CVSmear CVSmear;

enum {
    /// Pixels a red cell across in which cells are looked for and outlined.
    CVSmearPixelsPerRedCell = 16,
    /// Pixels a red cell across of a patch, which is `CVPatchSide` pixels square: six red cells.
    CVPatchPixelsPerRedCell = 24,
    CVPatchSide = 144,
    /// A crop is four red cells square, at 16 pixels a red cell.
    CVCropSide = 64,
    CVCropChannels = 2,
};

/// One white cell with its nucleus, in pixels of the image that was given.
///
/// The outlines are runs of the list of points, which are shares of the image's width and height.
typedef struct {
    double left, top, right, bottom;
    double centerX, centerY;
    /// In areas of a red cell, a disc as wide as the scale says.
    double nucleusArea, cellArea;
    /// Area of the nucleus by that of its convex hull, 0 to 1.
    double solidity;
    /// Mean optical density of the nucleus, by channel, red first.
    double density[3];
    int touchesEdge, nucleusParts;
    int nucleusFirst, nucleusCount, cellFirst, cellCount;
    /// The number of the place that it was outlined at, from 0.
    int place;
} CVWhiteCell;

/// A place where a white cell is thought to be, in pixels of the image.
typedef struct {
    double x, y;
} CVSeed;

/// Brings an image to the scale of the smear.
/// - redCellPixels: How wide a red cell is in the image, in pixels; 4 to 400.
CSStatus cv_smear_open(const uint8_t *pixels, int width, int height, double redCellPixels, CVSmear **smear,
                       CSError *error);
void cv_smear_free(CVSmear *smear);

/// Size of the smear at its scale, rounded up to a multiple of 4, in pixels.
int cv_smear_width(const CVSmear *smear);
int cv_smear_height(const CVSmear *smear);

/// Optical densities against the glass, `[3, height, width]`, red first, 0 to 2.
void cv_smear_densities(const CVSmear *smear, float *values);

/// Outlines the cells at given places, or, where `count` is 0 and `seeds` null, those that stain and shape show.
CSStatus cv_smear_outline(CVSmear *smear, const CVSeed *seeds, size_t count, CSError *error);
size_t cv_smear_count(const CVSmear *smear);
const CVWhiteCell *cv_smear_list(const CVSmear *smear);
const CVPoint *cv_smear_points(const CVSmear *smear);

/// Cuts out a cell: `[2, 144, 144]` bytes, the grey optical density (255 is 2) and the place (0 outside, 1 in the
/// cytoplasm, 2 in the nucleus).
CSStatus cv_smear_patch(const CVSmear *smear, size_t cell, uint8_t *patch, CSError *error);

/// How a crop is varied; zeros and ones leave it as it is.
typedef struct {
    double magnification;  // 1
    double angle;          // radians
    double stretch;        // 1: width by height
    double shiftX, shiftY;  // in pixels of the crop
    double gamma;          // 1
    double blur;           // pixels of the crop
    double noise;          // of the density by the nucleus' mean
    int isMirrored;
    int maskGrowth;  // pixels of the patch, negative to shrink
    uint64_t seed;   // of the noise
} CVCropVariation;

/// Makes of a patch what the reading network sees, `[2, 64, 64]`: density by the nucleus' mean inside the cell, and place (0,
/// ½ or 1).
CSStatus cv_crop(const uint8_t *patch, const CVCropVariation *variation, float *crop, CSError *error);

/// How a square of a field is varied for training: where it is taken, and how its colours change.
typedef struct {
    /// The middle, in pixels of the smear.
    double x, y;
    /// How many times larger, across and down.
    double magnificationX, magnificationY;
    int isMirrored, isFlipped, isTransposed;
    /// What the densities of red, green and blue become, row by row.
    double mixing[9];
    double offset[3];
    double gamma;
    double blur;   // pixels
    double noise;  // of the density
    uint64_t seed;
} CVFieldVariation;

/// Cuts a square out of densities at the scale of the smear, `[3, height, width]` bytes of which 255 is 1.275: `field` gets
/// `[3, side, side]` densities, glass beyond the edge, and `map` the places of the smear's pixels in it, 2 by 3: x and y of
/// the square are `map` times (x, y, 1).
CSStatus cv_field_crop(const uint8_t *densities, int width, int height, const CVFieldVariation *variation, int side,
                       float *field, double *map, CSError *error);

CS_END
