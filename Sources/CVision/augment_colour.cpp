#include <algorithm>
#include <array>
#include <opencv2/core.hpp>

#include "augment.hpp"
#include "random.hpp"

namespace cvision {

namespace {

using Matrix = cv::Matx33f;
using Vector = cv::Vec3f;

/// Finest step of optical density in the tables, and the density at which a pixel counts as black.
constexpr float densitySteps = 1024, darkest = 3;

/// 255 · 10^-d for the density d = index / densitySteps.
const std::array<float, 3073> &lightTable() {
    static const auto table = [] {
        std::array<float, 3073> values;
        for (size_t at = 0; at < values.size(); at++) values[at] = 255 * std::pow(10.f, -float(at) / densitySteps);
        return values;
    }();
    return table;
}

/// Optical density of every pixel value, zero counted as one.
const std::array<float, 256> &densityTable() {
    static const auto table = [] {
        std::array<float, 256> values;
        for (int at = 0; at < 256; at++) values[at] = -std::log10(std::max(at, 1) / 255.f);
        return values;
    }();
    return table;
}

/// Affine map of colours: matrix and offset.
struct ColourMap {
    Matrix matrix = Matrix::eye();
    Vector offset{0, 0, 0};

    void then(const Matrix &next, const Vector &shift = {0, 0, 0}) {
        matrix = next * matrix;
        offset = next * offset + shift;
    }

    Vector operator()(const Vector &colour) const { return matrix * colour + offset; }
};

/// Gain and shift of each stain as one map of optical densities.
///
/// Rows: haematoxylin, eosin, residual; Ruifrok and Johnston 2001, Anal. Quant. Cytol. Histol. 23, 291, table of
/// the H&E vectors. Romanowsky stains of blood films have the same two kinds of dye (azure and eosin).
ColourMap stainMap(const CVAugmentation &strengths, Random &random) {
    static const Matrix stains(0.650f, 0.704f, 0.286f, 0.072f, 0.990f, 0.105f, 0.268f, 0.570f, 0.776f);
    static const Matrix toStains = stains.t().inv();
    Matrix gains = Matrix::zeros();
    Vector shift;
    for (int stain = 0; stain < 3; stain++) {
        gains(stain, stain) = 1 + random.around(strengths.stainGain);
        shift[stain] = random.around(strengths.stainBias);
    }
    ColourMap map;
    map.matrix = stains.t() * gains * toStains;
    map.offset = stains.t() * shift;
    return map;
}

Matrix diagonal(float red, float green, float blue) { return Matrix(red, 0, 0, 0, green, 0, 0, 0, blue); }

/// Turns colours around the grey axis (Rodrigues' rotation formula), which keeps their mean.
Matrix hueTurn(float degrees) {
    float angle = degrees * 0.01745329252f, cosine = std::cos(angle), sine = std::sin(angle) / std::sqrt(3.f);
    float side = (1 - cosine) / 3;
    return Matrix(cosine + side, side - sine, side + sine, side + sine, cosine + side, side - sine, side - sine,
                  side + sine, cosine + side);
}

/// Grey by the luma weights of ITU-R BT.601, in all three channels.
const Matrix grey(0.299f, 0.587f, 0.114f, 0.299f, 0.587f, 0.114f, 0.299f, 0.587f, 0.114f);

/// Each row sums to one, so that white stays white.
Matrix channelMix(float strength, Random &random) {
    Matrix mix;
    for (int row = 0; row < 3; row++) {
        float weights[3] = {random.unit(), random.unit(), random.unit()};
        float sum = weights[0] + weights[1] + weights[2] + 1e-6f;
        for (int column = 0; column < 3; column++)
            mix(row, column) = (row == column ? 1 - strength : 0) + strength * weights[column] / sum;
    }
    return mix;
}

/// All linear steps in one map of values 0...255.
ColourMap linearMap(const CVAugmentation &strengths, Random &random) {
    ColourMap map;
    float hue = random.around(strengths.hueDegrees), saturation = 1 + random.around(strengths.saturation);
    float value = 1 + random.around(strengths.value);
    float gains[3];
    for (float &gain : gains) gain = value * (1 + random.around(strengths.channelGain));
    if (random.happens(strengths.colour)) {
        map.then(hueTurn(hue));
        map.then(Matrix::eye() * saturation + grey * (1 - saturation));
        map.then(diagonal(gains[0], gains[1], gains[2]));
    }
    bool mixes = random.happens(strengths.channelMix), greys = random.happens(strengths.greyscale);
    Matrix mix = channelMix(strengths.channelMixStrength, random);
    if (greys)
        map.then(grey);
    else if (mixes)
        map.then(mix);
    float brightness = random.around(strengths.brightness), contrast = 1 + random.around(strengths.contrast);
    if (random.happens(strengths.light)) {
        float offset = 127.5f * (1 - contrast) + 255 * brightness;
        map.then(Matrix::eye() * contrast, {offset, offset, offset});
    }
    return map;
}

/// x -> 255 (x / 255)^exponent.
std::array<uint8_t, 256> gammaTable(float exponent) {
    std::array<uint8_t, 256> table;
    for (int at = 0; at < 256; at++)
        table[at] = static_cast<uint8_t>(std::lround(255 * std::pow(at / 255.f, exponent)));
    return table;
}

Vector stained(const uint8_t *pixel, const ColourMap &stain) {
    const auto &densities = densityTable();
    const auto &lights = lightTable();
    Vector density = stain({densities[pixel[0]], densities[pixel[1]], densities[pixel[2]]});
    Vector light;
    for (int channel = 0; channel < 3; channel++) {
        float limited = std::min(darkest, std::max(0.f, density[channel]));
        light[channel] = lights[static_cast<size_t>(limited * densitySteps + 0.5f)];
    }
    return light;
}

}  // namespace

void varyColour(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed) {
    Random stainRandom(seed, stainStream), random(seed, colourStream);
    bool stains = stainRandom.happens(strengths.stain);
    ColourMap stain = stainMap(strengths, stainRandom), linear = linearMap(strengths, random);
    float exponent = random.happens(strengths.colour) ? 1 + random.around(strengths.gamma) : 1;
    bool untouched = linear.matrix == Matrix::eye() && linear.offset == Vector(0, 0, 0) && exponent == 1;
    if (!stains && untouched) return;
    auto gamma = gammaTable(exponent);
    uint8_t *end = image.data + image.total() * 3;
    for (uint8_t *pixel = image.data; pixel < end; pixel += 3) {
        Vector colour = stains ? stained(pixel, stain) : Vector(pixel[0], pixel[1], pixel[2]);
        colour = linear(colour);
        for (int channel = 0; channel < 3; channel++)
            pixel[channel] = gamma[static_cast<size_t>(std::min(255.f, std::max(0.f, colour[channel])) + 0.5f)];
    }
}

}  // namespace cvision
