#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "cv_decode.h"

namespace cvision {

/// An encoded image that gives its rows from top to bottom, as red, green, blue and, where it has one, alpha.
class RowSource {
  public:
    virtual ~RowSource() = default;
    /// 3, or 4 with alpha.
    virtual int channels() const { return 3; }
    /// Whether samples have 16 bits.
    virtual bool isWide() const { return false; }
    /// The fewest bits that 16-bit samples may be made of, as those of cameras of microscopes are; 16 where the format
    /// leaves nothing open.
    virtual int leastBits() const { return 16; }
    /// Goes to the first row, or back to it.
    virtual void begin() = 0;
    /// Writes the next row: `width * channels()` samples.
    virtual void read(uint8_t *row) = 0;
    /// Looks at what follows the last row.
    virtual void finish() {}
    /// What the library found of the colour space: `CVColoursConverted` with `source` filled; `CVColoursAssumed` leaves
    /// it to the header.
    virtual CVColours colours(CVColourSource &source) const {
        static_cast<void>(source);
        return CVColoursAssumed;
    }
};

std::unique_ptr<RowSource> openJPEG(const uint8_t *bytes, size_t count, const CVDecodeRequest &request);
std::unique_ptr<RowSource> openPNG(const uint8_t *bytes, size_t count, const CVDecodeRequest &request);
std::unique_ptr<RowSource> openTIFF(const uint8_t *bytes, size_t count, const CVDecodeRequest &request);
std::unique_ptr<RowSource> openBMP(const uint8_t *bytes, size_t count, const CVDecodeRequest &request);
std::unique_ptr<RowSource> openHEIC(const uint8_t *bytes, size_t count, const CVDecodeRequest &request);

}  // namespace cvision
