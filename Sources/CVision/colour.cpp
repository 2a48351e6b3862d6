#include "colour.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <lcms2.h>
#include <stdexcept>
#include <zlib.h>

namespace {

/// Why a profile is not used.
struct Unusable : std::runtime_error {
    explicit Unusable(CVColours outcome) : std::runtime_error("unusable profile"), outcome(outcome) {}
    CVColours outcome;
};

struct Close {
    void operator()(void *profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, Close>;

Profile checked(cmsHPROFILE profile) {
    if (profile == nullptr) throw Unusable(CVColoursDamaged);
    return Profile(profile);
}

/// No profile of a camera or scanner has more; a small file may hold a zlib stream of gigabytes.
constexpr size_t maximumProfile = 8 << 20;

std::vector<uint8_t> inflated(const uint8_t *bytes, size_t count) {
    std::vector<uint8_t> result(1 << 16);
    for (;;) {
        uLongf length = result.size();
        const int status = uncompress(result.data(), &length, bytes, count);
        if (status == Z_OK) {
            result.resize(length);
            return result;
        }
        if (status != Z_BUF_ERROR || result.size() >= maximumProfile) throw Unusable(CVColoursDamaged);
        result.resize(result.size() * 4);
    }
}

Profile opened(const CVColourSource &source) {
    if (source.profile == nullptr) {
        const double *at = source.chromaticities;
        const cmsCIExyY white{at[0], at[1], 1};
        const cmsCIExyYTRIPLE primaries{{at[2], at[3], 1}, {at[4], at[5], 1}, {at[6], at[7], 1}};
        // IEC 61966-2-1; ICC.1:2022, 10.18, function type 3.
        const double sRGB[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
        std::unique_ptr<cmsToneCurve, decltype(&cmsFreeToneCurve)> curve(
            source.exponent == 0 ? cmsBuildParametricToneCurve(nullptr, 4, sRGB)
                                 : cmsBuildGamma(nullptr, source.exponent),
            cmsFreeToneCurve);
        cmsToneCurve *curves[] = {curve.get(), curve.get(), curve.get()};
        return checked(curve ? cmsCreateRGBProfile(&white, &primaries, curves) : nullptr);
    }
    std::vector<uint8_t> plain;
    if (source.isDeflated != 0) plain = inflated(source.profile, source.profileCount);
    const uint8_t *bytes = plain.empty() ? source.profile : plain.data();
    const size_t count = plain.empty() ? source.profileCount : plain.size();
    if (count > maximumProfile) throw Unusable(CVColoursDamaged);
    return checked(cmsOpenProfileFromMem(bytes, static_cast<cmsUInt32Number>(count)));
}

constexpr cmsTagSignature colorants[] = {cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag};
constexpr cmsTagSignature curves[] = {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag};

/// Whether primaries and curves are all that counts of a profile.
bool isShaper(cmsHPROFILE profile) {
    if (!cmsIsMatrixShaper(profile) || cmsIsTag(profile, cmsSigAToB0Tag) || cmsIsTag(profile, cmsSigAToB1Tag))
        return false;
    return std::all_of(std::begin(colorants), std::end(colorants),
                       [&](auto tag) { return cmsReadTag(profile, tag) != nullptr; }) &&
           std::all_of(std::begin(curves), std::end(curves),
                       [&](auto tag) { return cmsReadTag(profile, tag) != nullptr; });
}

/// Whether primaries and curves are those of sRGB but for rounding; tables of 1,024 and formulas differ by less.
bool isSame(cmsHPROFILE profile, cmsHPROFILE srgb) {
    if (!isShaper(profile)) return false;
    for (const auto tag : colorants) {
        const auto *one = static_cast<const cmsCIEXYZ *>(cmsReadTag(profile, tag));
        const auto *other = static_cast<const cmsCIEXYZ *>(cmsReadTag(srgb, tag));
        const double apart[] = {one->X - other->X, one->Y - other->Y, one->Z - other->Z};
        for (const double distance : apart)
            if (std::abs(distance) > 0.003) return false;
    }
    for (const auto tag : curves) {
        const auto *one = static_cast<const cmsToneCurve *>(cmsReadTag(profile, tag));
        const auto *other = static_cast<const cmsToneCurve *>(cmsReadTag(srgb, tag));
        for (int level = 0; level < 256; ++level) {
            const auto value = static_cast<cmsFloat32Number>(level) / 255;
            if (std::abs(cmsEvalToneCurveFloat(one, value) - cmsEvalToneCurveFloat(other, value)) > 0.004f)
                return false;
        }
    }
    return true;
}

/// Rows of red, green and blue; columns of X, Y and Z.
void readColorants(cmsHPROFILE profile, double (&matrix)[9]) {
    for (int c = 0; c < 3; ++c) {
        const auto *xyz = static_cast<const cmsCIEXYZ *>(cmsReadTag(profile, colorants[c]));
        matrix[c] = xyz->X;
        matrix[3 + c] = xyz->Y;
        matrix[6 + c] = xyz->Z;
    }
}

/// The inverse of a matrix of three rows, by its adjugate.
bool invert(const double (&m)[9], double (&inverse)[9]) {
    for (int row = 0; row < 3; ++row)
        for (int column = 0; column < 3; ++column) {
            const int r1 = (column + 1) % 3, r2 = (column + 2) % 3, c1 = (row + 1) % 3, c2 = (row + 2) % 3;
            inverse[row * 3 + column] = m[r1 * 3 + c1] * m[r2 * 3 + c2] - m[r1 * 3 + c2] * m[r2 * 3 + c1];
        }
    const double determinant = m[0] * inverse[0] + m[1] * inverse[3] + m[2] * inverse[6];
    if (std::abs(determinant) < 1e-9) return false;
    for (double &value : inverse) value /= determinant;
    return true;
}

constexpr int wideLevels = 65536;

std::unique_ptr<cvision::ShaperTables> tables(cmsHPROFILE profile, cmsHPROFILE srgb) {
    double from[9], to[9], back[9];
    readColorants(profile, from);
    readColorants(srgb, to);
    if (!invert(to, back)) throw Unusable(CVColoursDamaged);
    auto tables = std::make_unique<cvision::ShaperTables>();
    for (int row = 0; row < 3; ++row)
        for (int column = 0; column < 3; ++column) {
            double sum = 0;
            for (int k = 0; k < 3; ++k) sum += back[row * 3 + k] * from[k * 3 + column];
            tables->matrix[row * 3 + column] = static_cast<float>(sum);
        }
    for (int c = 0; c < 3; ++c) {
        const auto *curve = static_cast<const cmsToneCurve *>(cmsReadTag(profile, curves[c]));
        tables->light[c].resize(wideLevels);
        for (int level = 0; level < wideLevels; ++level)
            tables->light[c][level] = cmsEvalToneCurveFloat(curve, static_cast<float>(level) / (wideLevels - 1));
    }
    tables->samples.resize(wideLevels);
    for (int level = 0; level < wideLevels; ++level) {
        const double light = static_cast<double>(level) / (wideLevels - 1);
        const double value = light <= 0.0031308 ? 12.92 * light : 1.055 * std::pow(light, 1 / 2.4) - 0.055;
        tables->samples[level] = static_cast<uint8_t>(std::lround(value * 255));
    }
    return tables;
}

}  // namespace

namespace cvision {

void ShaperTables::apply(const uint16_t *input, uint8_t *output, int pixels) const {
    for (int x = 0; x < pixels; ++x, input += 3, output += 3) {
        const float r = light[0][input[0]], g = light[1][input[1]], b = light[2][input[2]];
        for (int c = 0; c < 3; ++c) {
            const float value = matrix[c * 3] * r + matrix[c * 3 + 1] * g + matrix[c * 3 + 2] * b;
            // A curve may answer what is no number.
            const float level = value > 0 ? std::min(value, 1.f) * (wideLevels - 1) + 0.5f : 0;
            output[c] = samples[static_cast<size_t>(level)];
        }
    }
}

void SRGBConversion::Delete::operator()(void *transform) const { cmsDeleteTransform(transform); }

SRGBConversion::SRGBConversion(const CVColourSource *source, bool isWide) {
    if (source == nullptr) return;
    try {
        const Profile profile = opened(*source);
        if (cmsGetColorSpace(profile.get()) != cmsSigRgbData) throw Unusable(CVColoursNotRGB);
        const Profile srgb = checked(cmsCreate_sRGBProfile());
        if (isSame(profile.get(), srgb.get())) {
            outcome_ = CVColoursSRGB;
            return;
        }
        if (isWide && isShaper(profile.get())) {
            tables_ = tables(profile.get(), srgb.get());
        } else {
            // ICC white paper 40: black point compensation keeps shadows of LUT profiles apart.
            transform_.reset(cmsCreateTransform(
                profile.get(), isWide ? TYPE_RGB_16 : TYPE_RGB_8, srgb.get(), TYPE_RGB_8,
                INTENT_RELATIVE_COLORIMETRIC,
                cmsFLAGS_BLACKPOINTCOMPENSATION | (isWide ? cmsFLAGS_HIGHRESPRECALC : 0)));
            if (!transform_) throw Unusable(CVColoursDamaged);
        }
        outcome_ = CVColoursConverted;
    } catch (const Unusable &reason) {
        outcome_ = reason.outcome;
    }
}

void SRGBConversion::apply(const uint8_t *input, uint8_t *output, int pixels) const {
    if (transform_) {
        cmsDoTransform(transform_.get(), input, output, static_cast<cmsUInt32Number>(pixels));
    } else if (input != output) {
        std::memcpy(output, input, static_cast<size_t>(pixels) * 3);
    }
}

void SRGBConversion::apply(const uint16_t *input, uint8_t *output, int pixels) const {
    if (tables_) {
        tables_->apply(input, output, pixels);
    } else if (transform_) {
        cmsDoTransform(transform_.get(), input, output, static_cast<cmsUInt32Number>(pixels));
    } else {
        // The nearest of 255 parts of 65,535.
        for (int i = 0; i < pixels * 3; ++i) output[i] = static_cast<uint8_t>((input[i] * 255u + 32895u) >> 16);
    }
}

}  // namespace cvision
