#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "rows.hpp"

namespace {

struct Truncated : std::runtime_error {
    Truncated() : std::runtime_error("the file ends before the image does") {}
};

/// A Windows bitmap of any depth, as its header's reader found it to lie.
class BMPSource final : public cvision::RowSource {
  public:
    BMPSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request)
        : bytes_(bytes), count_(count), width_(request.width), height_(request.height), bitmap_(request.bitmap),
          stride_((static_cast<size_t>(width_) * bitmap_.bitsPerPixel + 31) / 32 * 4) {
        readPalette();
        if (bitmap_.isRunLength) {
            expandRuns();
        } else if (bitmap_.pixels > count || stride_ * height_ > count - bitmap_.pixels) {
            throw Truncated();
        }
        // Writers that know of no alpha leave it 0 everywhere.
        hasAlpha_ = request.alpha != CVAlphaNone && bitmap_.masks[3] != 0 && hasAnyAlpha();
    }

    int channels() const override { return hasAlpha_ ? 4 : 3; }
    void begin() override { row_ = 0; }

    void read(uint8_t *row) override {
        const int stored = bitmap_.isTopDown ? row_ : height_ - 1 - row_;
        ++row_;
        if (bitmap_.isRunLength) {
            const uint8_t *indices = indices_.data() + static_cast<size_t>(width_) * stored;
            for (int x = 0; x < width_; ++x, row += 3) std::memcpy(row, palette_ + 3 * indices[x], 3);
            return;
        }
        const uint8_t *in = bytes_ + bitmap_.pixels + stride_ * stored;
        switch (bitmap_.bitsPerPixel) {
        case 1: case 2: case 4: case 8: return readIndices(in, row);
        case 24:
            for (int x = 0; x < width_; ++x, in += 3, row += 3)
                for (int c = 0; c < 3; ++c) row[c] = in[2 - c];
            return;
        default: return readMasked(in, row);
        }
    }

  private:
    void readPalette() {
        const size_t length = static_cast<size_t>(bitmap_.paletteCount) * bitmap_.paletteStride;
        if (bitmap_.palette > count_ || length > count_ - bitmap_.palette) throw Truncated();
        for (int i = 0; i < std::min(bitmap_.paletteCount, 256); ++i) {
            const uint8_t *in = bytes_ + bitmap_.palette + static_cast<size_t>(i) * bitmap_.paletteStride;
            for (int c = 0; c < 3; ++c) palette_[3 * i + c] = in[2 - c];
        }
    }

    void readIndices(const uint8_t *in, uint8_t *row) const {
        const int bits = bitmap_.bitsPerPixel, mask = (1 << bits) - 1;
        for (int x = 0; x < width_; ++x, row += 3) {
            const int shift = 8 - bits - x * bits % 8;
            std::memcpy(row, palette_ + 3 * (in[static_cast<size_t>(x) * bits / 8] >> shift & mask), 3);
        }
    }

    uint32_t pixel(const uint8_t *in, int x) const {
        if (bitmap_.bitsPerPixel == 16) return in[2 * x] | in[2 * x + 1] << 8;
        const uint8_t *at = in + 4 * static_cast<size_t>(x);
        return at[0] | at[1] << 8 | at[2] << 16 | static_cast<uint32_t>(at[3]) << 24;
    }

    void readMasked(const uint8_t *in, uint8_t *row) const {
        const int used = channels();
        for (int x = 0; x < width_; ++x, row += used) {
            const uint32_t value = pixel(in, x);
            for (int c = 0; c < used; ++c) {
                const uint32_t mask = bitmap_.masks[c];
                if (mask == 0) {
                    row[c] = 0;
                    continue;
                }
                const int shift = std::countr_zero(mask);
                const uint64_t most = mask >> shift;
                row[c] = static_cast<uint8_t>(((value & mask) >> shift) * uint64_t{255} / most +
                                              (((value & mask) >> shift) * uint64_t{255} % most * 2 >= most));
            }
        }
    }

    bool hasAnyAlpha() const {
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_; ++x)
                if (pixel(bytes_ + bitmap_.pixels + stride_ * y, x) & bitmap_.masks[3]) return true;
        return false;
    }

    /// Runs, copies and jumps (Windows GDI, "Bitmap Compression"); what is jumped over has the first colour.
    void expandRuns() {
        indices_.assign(static_cast<size_t>(width_) * height_, 0);
        size_t at = bitmap_.pixels;
        int x = 0, y = 0;
        while (y < height_) {
            const int length = next(at), value = next(at);
            if (length > 0) {
                put(x, y, length, [&](int i) { return index(value, i); });
            } else if (value == 0) {
                x = 0;
                ++y;
            } else if (value == 1) {
                return;
            } else if (value == 2) {
                x += next(at);
                y += next(at);
                if (x > width_ || y > height_) throw std::runtime_error("a run leaves the image");
            } else {
                const bool isNibble = bitmap_.bitsPerPixel == 4;
                const size_t bytes = isNibble ? (value + 1) / 2 : value;
                if (at > count_ || bytes > count_ - at) throw Truncated();
                put(x, y, value, [&](int i) { return isNibble ? index(bytes_[at + i / 2], i) : bytes_[at + i]; });
                at += bytes + bytes % 2;
            }
        }
    }

    /// One of the two indices of 4 bits, or the one of 8.
    uint8_t index(int value, int i) const {
        if (bitmap_.bitsPerPixel == 8) return static_cast<uint8_t>(value);
        return static_cast<uint8_t>(i % 2 == 0 ? value >> 4 : value & 15);
    }

    template <typename Index> void put(int &x, int y, int length, Index &&index) {
        // Some writers fill rows up beyond their end.
        uint8_t *row = indices_.data() + static_cast<size_t>(width_) * y;
        for (int i = 0; i < length; ++i, ++x)
            if (x < width_) row[x] = index(i);
        x = std::min(x, width_);
    }

    uint8_t next(size_t &at) const {
        if (at >= count_) throw Truncated();
        return bytes_[at++];
    }

    const uint8_t *bytes_;
    const size_t count_;
    const int width_, height_;
    const CVBitmap bitmap_;
    const size_t stride_;
    uint8_t palette_[3 * 256] = {};
    std::vector<uint8_t> indices_;
    bool hasAlpha_ = false;
    int row_ = 0;
};

}  // namespace

namespace cvision {

std::unique_ptr<RowSource> openBMP(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    return std::make_unique<BMPSource>(bytes, count, request);
}

}  // namespace cvision
