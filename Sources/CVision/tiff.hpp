#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <tiffio.h>

namespace cvision {

/// A file in memory as libtiff reads it, and the first thing that it complained of.
struct TIFFMemory {
    const uint8_t *bytes;
    uint64_t count, offset;
    char text[256];
};

struct TIFFDeleter {
    void operator()(TIFF *tiff) const;
};

/// All samples of a page that lie together, or the one kind that lies apart: its lines from top to bottom.
class TIFFPlane {
  public:
    /// - Parameters:
    ///   - directory: Where the page's directory lies.
    ///   - maximumBytes: The largest buffer that libtiff may ask for.
    TIFFPlane(const uint8_t *bytes, size_t count, uint64_t directory, size_t maximumBytes);

    TIFF *tiff() const { return tiff_.get(); }
    /// Gets ready for the lines of a sample.
    void prepare(int sample);
    /// Line `y` as stored, in the machine's byte order; lines are asked for in turn.
    const uint8_t *line(uint32_t y);
    /// Throws what libtiff complained of, if anything.
    void check(bool done) const;

  private:
    [[noreturn]] void fail() const;

    std::unique_ptr<TIFFMemory> memory_;
    std::unique_ptr<TIFF, TIFFDeleter> tiff_;
    int sample_ = 0;
    bool isTiled_ = false;
    uint32_t width_ = 0, tileWidth_ = 0, tileHeight_ = 0, tilesAcross_ = 0;
    size_t tileRow_ = 0;
    std::vector<uint8_t> line_, tile_;
};

}  // namespace cvision
