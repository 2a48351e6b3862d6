#include "cv_drawn.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "drawn.hpp"
#include "pixels.hpp"

namespace cvision {

namespace {

enum SmearStream : uint64_t { conditionsStream = 101, whiteStream, redStream, debrisStream, photographStream };

/// Benign, early pre-B, pre-B, pro-B. Not a model of the disease: four kinds of cell that differ in the features by
/// which haematologists tell precursors apart.
constexpr Morphology morphologies[4] = {
    {0.95f, 0.05f, 0.90f, 0.01f, 0, 0, 0.40f, 0.22f, 0.05f},
    {1.20f, 0.08f, 0.80f, 0.13f, 0, 1, 0.16f, 0.18f, 0.25f},
    {1.50f, 0.08f, 0.66f, 0.06f, 1, 2, 0.26f, 0.20f, 0.80f},
    {1.32f, 0.07f, 0.48f, 0.02f, 3, 4, 0.16f, 0.18f, 0.15f},
};

cv::Vec3f between(cv::Vec3f low, cv::Vec3f high, Random &random) {
    float share = random.unit();
    cv::Vec3f colour = low + (high - low) * share;
    for (int channel = 0; channel < 3; channel++) colour[channel] *= 1 + random.around(0.08f);
    return colour;
}

FieldConditions conditions(int side, Random &random) {
    float unit = side / 224.f;
    FieldConditions field;
    field.redRadius = 10.5f * unit * random.between(0.92f, 1.1f);
    float strength = random.between(0.65f, 1.35f);
    field.nucleus = between({0.95f, 1.25f, 0.28f}, {0.42f, 1.05f, 0.30f}, random) * strength;
    field.cytoplasm = between({0.55f, 0.45f, 0.12f}, {0.22f, 0.50f, 0.14f}, random) * random.between(0.5f, 1.3f);
    field.red = between({0.52f, 0.38f, 0.24f}, {0.16f, 0.42f, 0.30f}, random) * random.between(0.6f, 1.25f);
    field.background = between({0.99f, 0.97f, 0.86f}, {0.90f, 0.95f, 1.00f}, random) * random.between(0.9f, 1.02f);
    field.redCover = random.between(0.25f, 0.65f);
    field.nucleusCover = random.between(0.04f, 0.16f);
    field.pallor = random.between(0.1f, 1.1f);
    field.gradient = random.between(0, 0.2f);
    field.gradientAngle = random.between(0, 6.2831853f);
    field.vignette = random.between(0, 0.12f);
    field.blur = unit * random.between(0.25f, 1.1f);
    field.noise = random.between(0.004f, 0.025f);
    field.quality = random.happens(0.7f) ? 65 + random.below(33) : 0;
    field.bar = random.below(5);
    return field;
}

struct Disc {
    cv::Point2f middle;
    float radius;
};

bool isFree(cv::Point2f middle, float radius, const std::vector<Disc> &discs, float overlap) {
    return std::none_of(discs.begin(), discs.end(), [&](const Disc &disc) {
        return cv::norm(disc.middle - middle) < (disc.radius + radius) * (1 - overlap);
    });
}

cv::Point2f anywhere(int side, float margin, Random &random) {
    float x = random.between(-margin, side + margin);
    return {x, random.between(-margin, side + margin)};
}

/// Where a white cell of this radius may lie: touching an earlier one, or apart from all.
cv::Point2f place(float radius, const std::vector<Disc> &cells, float crowding, int side, Random &random) {
    bool touching = !cells.empty() && random.happens(crowding);
    cv::Point2f middle;
    for (int attempt = 0; attempt < 60; attempt++) {
        if (touching) {
            const Disc &other = cells[random.below(static_cast<int>(cells.size()))];
            float angle = random.between(0, 6.2831853f), distance = (other.radius + radius) * 0.97f;
            middle = other.middle + distance * cv::Point2f(std::cos(angle), std::sin(angle));
        } else {
            middle = anywhere(side, -0.2f * radius, random);
        }
        bool inside = middle.x > 0 && middle.y > 0 && middle.x < side && middle.y < side;
        // Lone cells keep half a radius of distance, so that crowding is a feature and not an accident.
        if (inside && isFree(middle, touching ? radius : radius * 1.5f, cells, touching ? 0.05f : 0)) break;
    }
    return middle;
}

/// White cells until their nuclei cover the wanted share, so that the amount of stain says nothing of the class.
std::vector<Disc> drawWhiteCells(Densities &field, const Morphology &morphology, const FieldConditions &conditions,
                                 Random &random) {
    int side = field.cols;
    cv::Mat1f chromatin = texture(side, morphology.grain * conditions.redRadius, random);
    float wanted = conditions.nucleusCover * side * side, drawn = 0;
    std::vector<Disc> cells;
    while (drawn < wanted && cells.size() < 40) {
        float nucleus = conditions.redRadius * morphology.nucleusRadius *
                        (1 + random.around(morphology.radiusVariation));
        float radius = nucleus / std::sqrt(morphology.nucleusToCytoplasm);
        cv::Point2f middle = place(radius, cells, morphology.crowding, side, random);
        cells.push_back({middle, radius});
        drawn += 3.14159265f * nucleus * nucleus;
        drawWhiteCell(field, middle, nucleus, morphology, conditions, chromatin, random);
    }
    return cells;
}

/// - Returns: The red cells that lie wholly in the field.
std::vector<Disc> drawRedCells(Densities &field, const std::vector<Disc> &white, const FieldConditions &conditions,
                               Random &random) {
    int side = field.cols;
    float radius = conditions.redRadius, overlap = random.between(0, 0.35f);
    // White-cell bodies count as covered, so that the share of empty background says nothing of the class either.
    float covered = 0;
    for (const Disc &cell : white) covered += 3.14159265f * cell.radius * cell.radius;
    float cytoplasm = std::max(0.f, covered / (side * side) - conditions.nucleusCover);
    float open = std::max(0.05f, conditions.redCover - cytoplasm);
    int wanted = static_cast<int>(open * side * side / (3.14159265f * radius * radius));
    std::vector<Disc> red, whole;
    for (int attempt = 0; attempt < wanted * 6 && static_cast<int>(red.size()) < wanted; attempt++) {
        cv::Point2f middle = anywhere(side, radius, random);
        if (!isFree(middle, radius, red, overlap) || !isFree(middle, radius, white, 0.06f)) continue;
        red.push_back({middle, radius});
        const float drawn = drawRedCell(field, middle, conditions, random);
        if (std::min(middle.x, middle.y) > drawn && std::max(middle.x, middle.y) < side - drawn)
            whole.push_back({middle, drawn});
    }
    return whole;
}

/// Median of the diameters; 0 where there is no cell.
double usualDiameter(std::vector<Disc> cells) {
    if (cells.empty()) return 0;
    const auto middle = cells.begin() + cells.size() / 2;
    std::nth_element(cells.begin(), middle, cells.end(), [](const Disc &a, const Disc &b) { return a.radius < b.radius; });
    return 2 * middle->radius;
}

}  // namespace

}  // namespace cvision

extern "C" CSStatus cv_draw_smear(int label, uint64_t seed, int side, double redCellScale, uint8_t *pixels,
                                  double *redCellPixels, CSError *error) {
    using namespace cvision;
    return cstatus::guardedOpenCV(error, [&] {
        if (label < 0 || label > 3) throw std::invalid_argument("there are four classes, 0 to 3");
        if (!(redCellScale >= 0.5 && redCellScale <= 2)) throw std::invalid_argument("red cells are 0.5 to 2 as large");
        if (side < 32 || side > 2048) throw std::invalid_argument("a drawn smear has 32 to 2048 pixels a side");
        // The conditions come from the seed alone; only cells and their places know the class.
        Random conditionsRandom(seed, conditionsStream), photographRandom(seed, photographStream);
        Random whiteRandom(seed, whiteStream + 1000 * (label + 1)), redRandom(seed, redStream + 1000 * (label + 1));
        Random debrisRandom(seed, debrisStream);
        FieldConditions field = conditions(side, conditionsRandom);
        Densities densities(side, side, cv::Vec3f(0, 0, 0));
        drawDebris(densities, field, debrisRandom);
        auto white = drawWhiteCells(densities, morphologies[label], field, whiteRandom);
        FieldConditions redConditions = field;
        redConditions.redRadius *= static_cast<float>(redCellScale);
        *redCellPixels = usualDiameter(drawRedCells(densities, white, redConditions, redRandom));
        store(photograph(densities, field, photographRandom), pixels, side, side);
    });
}

extern "C" CSStatus cv_draw_cells(CVDrawnCell *cells, int count, double redRadius, uint64_t seed, int side,
                                  uint8_t *pixels, CSError *error) {
    using namespace cvision;
    return cstatus::guardedOpenCV(error, [&] {
        if (side < 32 || side > 2048) throw std::invalid_argument("a drawn smear has 32 to 2048 pixels a side");
        if (!(redRadius >= 2 && redRadius <= 200)) throw std::invalid_argument("a red cell's radius is 2 to 200 pixels");
        static constexpr Morphology kinds[CVDrawnKinds] = {
            {1, 0, 0.85f, 0.01f, 0, 0, 0.40f, 0.22f, 0},
            {1, 0, 0.80f, 0.05f, 1, 3, 0.20f, 0.18f, 0},
            {1, 0, 0.50f, 0.16f, 0, 0, 0.30f, 0.15f, 0},
            {1, 0, 0.42f, 0.02f, 0, 0, 0.30f, 0.10f, 0},
        };
        Random conditionsRandom(seed, conditionsStream), photographRandom(seed, photographStream);
        Random whiteRandom(seed, whiteStream), redRandom(seed, redStream), debrisRandom(seed, debrisStream);
        FieldConditions field = conditions(side, conditionsRandom);
        field.redRadius = static_cast<float>(redRadius);
        field.blur = std::min(field.blur, 0.1f * field.redRadius);
        field.bar = 0;
        Densities densities(side, side, cv::Vec3f(0, 0, 0));
        drawDebris(densities, field, debrisRandom);
        std::vector<Disc> white;
        for (int i = 0; i < count; ++i) {
            CVDrawnCell &cell = cells[i];
            if (cell.kind < 0 || cell.kind >= CVDrawnKinds) throw std::invalid_argument("there are four kinds of cell");
            const Morphology &morphology = kinds[cell.kind];
            const float nucleus = static_cast<float>(cell.nucleusRadius) * field.redRadius;
            const cv::Point2f middle(static_cast<float>(cell.x), static_cast<float>(cell.y));
            cell.bodyRadius = nucleus / std::sqrt(morphology.nucleusToCytoplasm);
            white.push_back({middle, static_cast<float>(cell.bodyRadius)});
            if (cell.kind == CVDrawnNeutrophil) {
                drawLobedCell(densities, middle, nucleus, 3, morphology, field, whiteRandom);
                continue;
            }
            const cv::Mat1f chromatin = texture(side, morphology.grain * field.redRadius, whiteRandom);
            drawWhiteCell(densities, middle, nucleus, morphology, field, chromatin, whiteRandom);
        }
        drawRedCells(densities, white, field, redRandom);
        store(photograph(densities, field, photographRandom), pixels, side, side);
    });
}
