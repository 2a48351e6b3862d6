#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "drawn.hpp"

namespace cvision {

cv::Mat1f texture(int side, float grain, Random &random) {
    int cells = std::max(4, static_cast<int>(std::ceil(side / std::max(grain, 1.f))));
    cv::Mat1f coarse(cells, cells), smooth;
    for (float &value : coarse) value = random.around(1.4f);
    cv::resize(coarse, smooth, cv::Size(side, side), 0, 0, cv::INTER_CUBIC);
    return smooth;
}

Outline outline(float depth, Random &random) {
    Outline radii;
    float amplitudes[4], phases[4];
    for (int wave = 0; wave < 4; wave++) {
        amplitudes[wave] = depth * random.between(0.5f, 1.f) / (1 + 0.5f * wave);
        phases[wave] = random.between(0, 6.2831853f);
    }
    for (size_t at = 0; at < radii.size(); at++) {
        float angle = static_cast<float>(at) * 6.2831853f / static_cast<float>(radii.size());
        radii[at] = 1;
        for (int wave = 0; wave < 4; wave++)
            radii[at] += amplitudes[wave] * std::cos(static_cast<float>(wave + 2) * angle + phases[wave]);
    }
    return radii;
}

namespace {

/// Calls `body(pixel, depth, offset)` for pixels near a shape: depth is the distance inside the outline in pixels.
template <typename Body>
void forEachPixel(Densities &field, cv::Point2f middle, float radius, const Outline &radii, Body body) {
    float reach = radius * *std::max_element(radii.begin(), radii.end()) + 2;
    int top = std::max(0, static_cast<int>(middle.y - reach));
    int bottom = std::min(field.rows - 1, static_cast<int>(middle.y + reach) + 1);
    int left = std::max(0, static_cast<int>(middle.x - reach));
    int right = std::min(field.cols - 1, static_cast<int>(middle.x + reach) + 1);
    for (int row = top; row <= bottom; row++) {
        for (int column = left; column <= right; column++) {
            cv::Point2f offset(static_cast<float>(column) - middle.x, static_cast<float>(row) - middle.y);
            float distance = std::sqrt(offset.dot(offset));
            if (distance > reach) continue;
            float turn = std::atan2(offset.y, offset.x) * (256 / 6.2831853f) + 256;
            float depth = radii[static_cast<size_t>(turn) & 255] * radius - distance;
            if (depth > -1) body(cv::Point(column, row), depth, distance);
        }
    }
}

/// Share of the pixel inside an outline at `depth` pixels, over a soft edge of `softness` pixels.
float coverage(float depth, float softness) { return std::min(1.f, std::max(0.f, depth / softness + 0.5f)); }

void layOver(cv::Vec3f &below, const cv::Vec3f &density, float share) { below += (density - below) * share; }

void drawNucleoli(Densities &field, cv::Point2f middle, float radius, int count, const FieldConditions &conditions,
                  Random &random) {
    const Outline round = outline(0.05f, random);
    float start = random.between(0, 6.2831853f);
    for (int at = 0; at < count; at++) {
        float angle = start + 6.2831853f * static_cast<float>(at) / static_cast<float>(count) + random.around(0.4f);
        float away = count == 1 ? 0.25f : random.between(0.4f, 0.55f);
        cv::Point2f place = middle + away * radius * cv::Point2f(std::cos(angle), std::sin(angle));
        // Nucleoli of Romanowsky stains are paler and bluer than the chromatin around them.
        cv::Vec3f pale = conditions.nucleus.mul(cv::Vec3f(0.62f, 0.42f, 0.4f));
        forEachPixel(field, place, radius * random.between(0.17f, 0.22f), round, [&](cv::Point at, float depth, float) {
            layOver(field(at), pale, 0.85f * coverage(depth, 1.5f));
        });
    }
}

}  // namespace

float drawRedCell(Densities &field, cv::Point2f middle, const FieldConditions &conditions, Random &random) {
    float radius = conditions.redRadius * random.between(0.86f, 1.08f), strength = random.between(0.8f, 1.15f);
    Outline shape = outline(random.between(0.005f, 0.045f), random);
    float pallor = conditions.pallor * random.between(0.75f, 1.f);
    forEachPixel(field, middle, radius, shape, [&](cv::Point at, float depth, float distance) {
        float ratio = distance / radius;
        float ring = 1 - pallor * std::exp(-ratio * ratio * 4) + 0.25f * std::exp(-depth * depth / 3);
        field(at) += conditions.red * (strength * ring * coverage(depth, 1.6f));
    });
    return radius;
}

void drawWhiteCell(Densities &field, cv::Point2f middle, float nucleusRadius, const Morphology &morphology,
                   const FieldConditions &conditions, const cv::Mat1f &chromatin, Random &random) {
    float cellRadius = nucleusRadius / std::sqrt(morphology.nucleusToCytoplasm);
    float room = std::max(0.f, cellRadius - nucleusRadius) * 0.55f, angle = random.between(0, 6.2831853f);
    cv::Point2f nucleus = middle + room * cv::Point2f(std::cos(angle), std::sin(angle));
    Outline body = outline(0.35f * morphology.irregularity + 0.012f, random);
    Outline shape = outline(morphology.irregularity, random);
    float strength = random.between(0.9f, 1.1f);
    forEachPixel(field, middle, cellRadius, body, [&](cv::Point at, float depth, float) {
        float rim = 1 + 0.35f * std::exp(-depth * depth / 4);
        layOver(field(at), conditions.cytoplasm * (strength * rim), coverage(depth, 1.6f));
    });
    int shift = random.below(field.cols);
    forEachPixel(field, nucleus, nucleusRadius, shape, [&](cv::Point at, float depth, float) {
        float clump = chromatin(at.y, (at.x + shift) % chromatin.cols) * morphology.grainContrast;
        float membrane = 0.15f * std::exp(-depth * depth / 3);
        layOver(field(at), conditions.nucleus * (strength * (1 + clump + membrane)), coverage(depth, 1.6f));
    });
    int count = morphology.fewestNucleoli + random.below(morphology.mostNucleoli - morphology.fewestNucleoli + 1);
    drawNucleoli(field, nucleus, nucleusRadius, count, conditions, random);
}

void drawLobedCell(Densities &field, cv::Point2f middle, float nucleusRadius, int lobes, const Morphology &morphology,
                   const FieldConditions &conditions, Random &random) {
    float cellRadius = nucleusRadius / std::sqrt(morphology.nucleusToCytoplasm);
    Outline body = outline(0.012f, random);
    forEachPixel(field, middle, cellRadius, body, [&](cv::Point at, float depth, float) {
        layOver(field(at), conditions.cytoplasm * 0.5f, coverage(depth, 1.6f));
    });
    float radius = nucleusRadius / std::sqrt(static_cast<float>(lobes)), start = random.between(0, 6.2831853f);
    for (int lobe = 0; lobe < lobes; lobe++) {
        float angle = start + 6.2831853f * static_cast<float>(lobe) / static_cast<float>(lobes + 1);
        cv::Point2f place = middle + 0.5f * cellRadius * cv::Point2f(std::cos(angle), std::sin(angle));
        Outline shape = outline(0.08f, random);
        forEachPixel(field, place, radius, shape, [&](cv::Point at, float depth, float) {
            layOver(field(at), conditions.nucleus, coverage(depth, 1.6f));
        });
    }
}

void drawDebris(Densities &field, const FieldConditions &conditions, Random &random) {
    int platelets = random.below(7), side = field.cols;
    for (int at = 0; at < platelets; at++) {
        cv::Point2f middle(random.unit() * side, random.unit() * side);
        Outline shape = outline(0.12f, random);
        forEachPixel(field, middle, conditions.redRadius * random.between(0.15f, 0.28f), shape,
                     [&](cv::Point at, float depth, float) {
                         layOver(field(at), conditions.nucleus * 0.7f, coverage(depth, 2));
                     });
    }
    if (!random.happens(0.25f)) return;
    cv::Mat1f grain = texture(side, conditions.redRadius * 0.5f, random);
    cv::Point2f middle(random.unit() * side, random.unit() * side);
    Outline shape = outline(0.2f, random);
    forEachPixel(field, middle, conditions.redRadius * random.between(1.5f, 3), shape,
                 [&](cv::Point at, float depth, float) {
                     float share = coverage(depth, conditions.redRadius) * (0.5f + 0.3f * grain(at));
                     field(at) += conditions.nucleus * (0.3f * std::max(0.f, share));
                 });
}

}  // namespace cvision
