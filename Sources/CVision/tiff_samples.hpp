#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tiffio.h>

#include "cv_decode.h"

namespace cvision {

/// What the samples of a TIFF page mean, and how its lines become rows of red, green, blue and perhaps alpha.
class TIFFSamples {
  public:
    /// Of the directory that `tiff` is at.
    TIFFSamples(TIFF *tiff, const CVDecodeRequest &request);

    /// Whether colour is stored at another size than brightness, outside JPEG.
    static bool isSubsampled(TIFF *tiff);

    /// How many lines make a row: 1, or one a sample where each lies apart.
    int planes() const { return planes_; }
    /// Which of the file's samples is the one of this number that is used.
    int stored(int number) const { return number < colours_ ? number : alpha_; }
    bool hasAlpha() const { return alpha_ >= 0; }
    bool isWide() const { return bits_ > 8 || isLab(); }
    bool isLab() const { return photometric_ == PHOTOMETRIC_CIELAB || photometric_ == PHOTOMETRIC_ICCLAB; }
    /// The fewest bits that samples of 16 may be made of; where the file states its greatest value, those of that.
    int leastBits() const { return leastBits_; }

    /// Makes a row of 8-bit samples, or 16-bit ones where `isWide()`.
    void convert(const uint8_t *const *lines, uint8_t *row);

  private:
    struct Delete {
        void operator()(void *transform) const;
    };

    void gather(const uint8_t *const *lines);
    template <typename Sample> void write(Sample *row) const;
    void writeLab(uint16_t *row) const;

    int width_, planes_ = 1, colours_ = 3, alpha_ = -1;
    int leastBits_ = 16;
    bool isApart_ = false;
    uint16_t photometric_ = PHOTOMETRIC_RGB, bits_ = 8, samples_ = 1;
    /// `[width][colours and alpha]`, as stored.
    std::vector<uint16_t> values_;
    std::vector<uint8_t> palette_;
    std::unique_ptr<void, Delete> lab_;
};

}  // namespace cvision
