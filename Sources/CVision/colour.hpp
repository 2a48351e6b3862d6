#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cv_decode.h"

namespace cvision {

/// Samples of a profile of three primaries and curves turned into sRGB: a table, a matrix, a table. Little CMS takes such
/// profiles quickly at 8 bits alone.
class ShaperTables {
  public:
    /// Of 16-bit samples: the light of each channel, the way to the light of sRGB, and the 8-bit samples of that.
    std::vector<float> light[3];
    float matrix[9];
    std::vector<uint8_t> samples;

    void apply(const uint16_t *input, uint8_t *output, int pixels) const;
};

/// Turns rows of RGB into 8-bit sRGB; a profile that cannot be used leaves the samples as they are.
class SRGBConversion {
  public:
    /// - Parameters:
    ///   - source: What the file says of its colours; null where it says nothing.
    ///   - isWide: Whether 16-bit samples will come.
    SRGBConversion(const CVColourSource *source, bool isWide);

    CVColours outcome() const { return outcome_; }
    /// `output` may be `input`.
    void apply(const uint8_t *input, uint8_t *output, int pixels) const;
    void apply(const uint16_t *input, uint8_t *output, int pixels) const;

  private:
    struct Delete {
        void operator()(void *transform) const;
    };

    CVColours outcome_ = CVColoursAssumed;
    std::unique_ptr<void, Delete> transform_;
    std::unique_ptr<ShaperTables> tables_;
};

}  // namespace cvision
