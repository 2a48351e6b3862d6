#include "cv_colour.h"

#include <cmath>
#include <lcms2.h>
#include <memory>
#include <vector>
#include <zlib.h>

#include "pixels.hpp"

namespace {

struct Close {
    void operator()(void *profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, Close>;

Profile checked(cmsHPROFILE profile) {
    if (profile == nullptr) throw std::runtime_error("the colour profile is damaged");
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
        if (status != Z_BUF_ERROR || result.size() >= maximumProfile)
            throw std::runtime_error("the colour profile is damaged");
        result.resize(result.size() * 4);
    }
}

Profile opened(const CVColourSource &source) {
    if (source.profile == nullptr) {
        const double *at = source.chromaticities;
        const cmsCIExyY white{at[0], at[1], 1};
        const cmsCIExyYTRIPLE primaries{{at[2], at[3], 1}, {at[4], at[5], 1}, {at[6], at[7], 1}};
        std::unique_ptr<cmsToneCurve, decltype(&cmsFreeToneCurve)> curve(cmsBuildGamma(nullptr, source.exponent),
                                                                        cmsFreeToneCurve);
        cmsToneCurve *curves[] = {curve.get(), curve.get(), curve.get()};
        return checked(curve ? cmsCreateRGBProfile(&white, &primaries, curves) : nullptr);
    }
    std::vector<uint8_t> plain;
    if (source.isDeflated != 0) plain = inflated(source.profile, source.profileCount);
    const uint8_t *bytes = plain.empty() ? source.profile : plain.data();
    const size_t count = plain.empty() ? source.profileCount : plain.size();
    if (count > maximumProfile) throw std::runtime_error("the colour profile is too large");
    return checked(cmsOpenProfileFromMem(bytes, static_cast<cmsUInt32Number>(count)));
}

/// Whether primaries and curves are those of sRGB but for rounding; tables of 1,024 and formulas differ by less.
bool isSame(cmsHPROFILE profile, cmsHPROFILE srgb) {
    if (!cmsIsMatrixShaper(profile) || cmsIsTag(profile, cmsSigAToB0Tag) || cmsIsTag(profile, cmsSigAToB1Tag))
        return false;
    for (const auto tag : {cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag}) {
        const auto *one = static_cast<const cmsCIEXYZ *>(cmsReadTag(profile, tag));
        const auto *other = static_cast<const cmsCIEXYZ *>(cmsReadTag(srgb, tag));
        if (one == nullptr || other == nullptr) return false;
        const double apart[] = {one->X - other->X, one->Y - other->Y, one->Z - other->Z};
        for (const double distance : apart)
            if (std::abs(distance) > 0.003) return false;
    }
    for (const auto tag : {cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag}) {
        const auto *one = static_cast<const cmsToneCurve *>(cmsReadTag(profile, tag));
        const auto *other = static_cast<const cmsToneCurve *>(cmsReadTag(srgb, tag));
        if (one == nullptr || other == nullptr) return false;
        for (int level = 0; level < 256; ++level) {
            const auto value = static_cast<cmsFloat32Number>(level) / 255;
            if (std::abs(cmsEvalToneCurveFloat(one, value) - cmsEvalToneCurveFloat(other, value)) > 0.004f)
                return false;
        }
    }
    return true;
}

}  // namespace

extern "C" CSStatus cv_to_srgb(const CVColourSource *source, uint8_t *pixels, int width, int height, int *isConverted,
                               CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *isConverted = 0;
        const Profile profile = opened(*source);
        if (cmsGetColorSpace(profile.get()) != cmsSigRgbData)
            throw std::runtime_error("the colour profile is of other colours than red, green and blue");
        const Profile srgb = checked(cmsCreate_sRGBProfile());
        if (isSame(profile.get(), srgb.get())) return;
        // ICC white paper 40: black point compensation keeps shadows of LUT profiles apart.
        std::unique_ptr<void, decltype(&cmsDeleteTransform)> transform(
            cmsCreateTransform(profile.get(), TYPE_RGB_8, srgb.get(), TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                               cmsFLAGS_BLACKPOINTCOMPENSATION),
            cmsDeleteTransform);
        if (!transform) throw std::runtime_error("the colour profile is damaged");
        for (int y = 0; y < height; ++y) {
            uint8_t *row = pixels + static_cast<size_t>(y) * width * 3;
            cmsDoTransform(transform.get(), row, row, static_cast<cmsUInt32Number>(width));
        }
        *isConverted = 1;
    });
}
