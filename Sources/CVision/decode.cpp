#include <algorithm>
#include <climits>
#include <cstring>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "area.hpp"
#include "colour.hpp"
#include "pixels.hpp"
#include "remarks.hpp"
#include "rows.hpp"

namespace {

/// Stands before `std::cerr`, to which OpenCV 4.6 prints every exception that `imdecode` catches, whatever its log level:
/// lets nothing through of a thread that decodes, and keeps its lines.
class DecodingSilence : public std::streambuf {
public:
    /// While one is alive, its thread prints nothing.
    struct Scope {
        Scope() {
            // Never freed: other threads may print until the process ends.
            [[maybe_unused]] static const auto *installed = new DecodingSilence();
            isSilent = true;
            length = 0;
        }
        ~Scope() {
            end();
            isSilent = false;
        }
    };

private:
    static thread_local bool isSilent;
    /// The line so far.
    static thread_local char line[256];
    static thread_local size_t length;
    std::streambuf *const target = std::cerr.rdbuf(this);

    int_type overflow(int_type byte) override {
        if (byte == traits_type::eof()) return traits_type::not_eof(byte);
        if (!isSilent) return target->sputc(traits_type::to_char_type(byte));
        add(traits_type::to_char_type(byte));
        return byte;
    }
    std::streamsize xsputn(const char *text, std::streamsize count) override {
        if (!isSilent) return target->sputn(text, count);
        for (std::streamsize i = 0; i < count; ++i) add(text[i]);
        return count;
    }
    int sync() override { return isSilent ? 0 : target->pubsync(); }

    static void add(char byte) {
        if (byte == '\n') return end();
        if (length + 1 < sizeof line) line[length++] = byte;
    }
    static void end() {
        line[length] = 0;
        if (length > 0) cvision::remark("OpenCV", line);
        length = 0;
    }
};

thread_local bool DecodingSilence::isSilent = false;
thread_local char DecodingSilence::line[256];
thread_local size_t DecodingSilence::length = 0;

/// A WebP file, decoded whole by OpenCV.
class WebPSource final : public cvision::RowSource {
  public:
    WebPSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
        if (count > INT_MAX) throw std::runtime_error("file is too long");
        const cv::Mat encoded(1, static_cast<int>(count), CV_8UC1, const_cast<uint8_t *>(bytes));
        const DecodingSilence::Scope silence;
        // IMREAD_UNCHANGED is the only mode that keeps alpha; it ignores the orientation too.
        image_ = cv::imdecode(encoded, request.alpha == CVAlphaNone ? cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION
                                                                    : cv::IMREAD_UNCHANGED);
        if (image_.empty()) throw std::runtime_error("the image data cannot be decoded");
        if (image_.cols != request.width || image_.rows != request.height)
            throw std::runtime_error("decoded size differs from the size in the header");
        if (image_.type() != CV_8UC3 && image_.type() != CV_8UC4)
            throw std::runtime_error("image has neither 3 nor 4 channels of 8 bits");
    }

    int channels() const override { return image_.channels(); }
    void begin() override { row_ = 0; }

    void read(uint8_t *row) override {
        const uint8_t *in = image_.ptr<uint8_t>(row_++);
        const int step = image_.channels();
        std::memcpy(row, in, static_cast<size_t>(image_.cols) * step);
        for (int x = 0; x < image_.cols; ++x, row += step) std::swap(row[0], row[2]);
    }

  private:
    cv::Mat image_;
    int row_ = 0;
};

/// Where rows of 8-bit RGB go: upright, as TIFF 6.0 and EXIF 2.3, tag 274, say.
class Target {
  public:
    Target(uint8_t *pixels, int width, int height, int orientation) : width_(width) {
        // The seen size; the stored columns run along it, or down it.
        const ptrdiff_t along = 3, down = 3 * static_cast<ptrdiff_t>(orientation >= 5 ? height : width);
        const ptrdiff_t lastColumn = static_cast<ptrdiff_t>(width - 1), lastRow = static_cast<ptrdiff_t>(height - 1);
        const bool isTransposed = orientation >= 5;
        stepX_ = isTransposed ? down : along;
        stepY_ = isTransposed ? along : down;
        start_ = pixels;
        const bool isMirroredX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        const bool isMirroredY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        if (isMirroredX) start_ += lastColumn * stepX_;
        if (isMirroredY) start_ += lastRow * stepY_;
        if (isMirroredX) stepX_ = -stepX_;
        if (isMirroredY) stepY_ = -stepY_;
    }

    /// Where the next row lies, if it lies there in order; else null.
    uint8_t *direct() const { return stepX_ == 3 ? start_ + stepY_ * y_ : nullptr; }

    void put(const uint8_t *row) {
        uint8_t *out = start_ + stepY_ * y_++;
        if (out == row) return;
        for (int x = 0; x < width_; ++x, row += 3, out += stepX_) std::memcpy(out, row, 3);
    }

  private:
    const int width_;
    uint8_t *start_;
    ptrdiff_t stepX_, stepY_;
    int y_ = 0;
};

/// Lays a row over white and drops its alpha, in place.
template <typename Sample> void overWhite(Sample *row, int width, CVAlpha alpha) {
    constexpr int64_t most = sizeof(Sample) == 1 ? 255 : 65535;
    const Sample *in = row;
    for (int x = 0; x < width; ++x, in += 4, row += 3) {
        const int64_t opacity = in[3];
        for (int c = 0; c < 3; ++c) {
            const int64_t white = most * (most - opacity);
            const int64_t colour = alpha == CVAlphaPremultiplied ? in[c] * most : in[c] * opacity;
            row[c] = static_cast<Sample>(std::min(most, (colour + white + most / 2) / most));
        }
    }
}

/// Bits that the colours of a 16-bit image really use: 8, 10, 12, 14 or 16. A photograph has light parts, so that most
/// images of 16 are known by their first rows.
int usedBits(cvision::RowSource &source, const CVDecodeRequest &request) {
    const int channels = source.channels();
    std::vector<uint16_t> row(static_cast<size_t>(request.width) * channels);
    int most = 0;
    for (int y = 0; y < request.height && most < 1 << 14; ++y) {
        source.read(reinterpret_cast<uint8_t *>(row.data()));
        for (size_t i = 0; i < row.size(); i += channels) most = std::max({most, +row[i], +row[i + 1], +row[i + 2]});
    }
    source.begin();
    for (const int bits : {8, 10, 12, 14})
        if (most < 1 << bits && source.leastBits() <= bits) return bits;
    return 16;
}

void stretch(std::vector<uint16_t> &row, int bits) {
    const uint32_t most = (1u << bits) - 1;
    for (uint16_t &sample : row) sample = static_cast<uint16_t>(std::min<uint32_t>(sample, most) * 65535 / most);
}
void stretch(std::vector<uint8_t> &, int) {}

/// Takes every row through: over white, reduced, into sRGB, to its place.
template <typename Sample>
void decode(cvision::RowSource &source, const CVDecodeRequest &request, int reduction,
            const cvision::SRGBConversion &colours, int bits, Target &target) {
    const int channels = source.channels(), width = request.width;
    std::vector<Sample> row(static_cast<size_t>(width) * channels);
    std::vector<uint8_t> upright(static_cast<size_t>(width) * 3);
    std::unique_ptr<cvision::AreaReduction<Sample>> area;
    if (reduction > 1) area = std::make_unique<cvision::AreaReduction<Sample>>(width, request.height, reduction);
    const auto store = [&](const Sample *pixels, int count) {
        uint8_t *out = target.direct() != nullptr ? target.direct() : upright.data();
        colours.apply(pixels, out, count);
        target.put(out);
    };
    for (int y = 0; y < request.height; ++y) {
        source.read(reinterpret_cast<uint8_t *>(row.data()));
        if (bits < 16) stretch(row, bits);
        if (channels == 4) overWhite(row.data(), width, request.alpha);
        if (area) {
            area->add(row.data(), [&](const Sample *pixels) { store(pixels, area->outputWidth()); });
        } else {
            store(row.data(), width);
        }
    }
    source.finish();
}

std::unique_ptr<cvision::RowSource> opened(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    switch (request.format) {
    case CVFormatJPEG: return cvision::openJPEG(bytes, count, request);
    case CVFormatPNG: return cvision::openPNG(bytes, count, request);
    case CVFormatTIFF: return cvision::openTIFF(bytes, count, request);
    case CVFormatBMP: return cvision::openBMP(bytes, count, request);
    case CVFormatHEIC: return cvision::openHEIC(bytes, count, request);
    case CVFormatWebP: return std::make_unique<WebPSource>(bytes, count, request);
    }
    throw std::runtime_error("an unknown format");
}

}  // namespace

extern "C" CSStatus cv_decode(const uint8_t *bytes, size_t count, const CVDecodeRequest *request,
                              const CVColourSource *colours, uint8_t *pixels, int outputWidth, int outputHeight,
                              CVDecodeReport *report, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        const int reduction = request->reduction;
        const int width = (request->width + reduction - 1) / reduction;
        const int height = (request->height + reduction - 1) / reduction;
        const bool isTransposed = request->orientation >= 5;
        if (outputWidth != (isTransposed ? height : width) || outputHeight != (isTransposed ? width : height))
            throw std::runtime_error("the room is not of the image's size");
        const auto source = opened(bytes, count, *request);
        source->begin();
        CVColourSource own{};
        const CVColours known = source->colours(own);
        const bool isOwn = known == CVColoursConverted && (own.profile != nullptr || own.chromaticities[0] > 0);
        const cvision::SRGBConversion conversion(
            isOwn ? &own : known == CVColoursAssumed ? colours : nullptr, source->isWide());
        report->colours = isOwn || known == CVColoursAssumed ? conversion.outcome() : known;
        report->usedBits = source->isWide() && source->leastBits() < 16 ? usedBits(*source, *request) : 16;
        Target target(pixels, width, height, request->orientation);
        // libjpeg reduces while it decodes.
        CVDecodeRequest rows = *request;
        int left = reduction;
        if (request->format == CVFormatJPEG) {
            rows.width = width;
            rows.height = height;
            left = 1;
        }
        if (source->isWide()) {
            decode<uint16_t>(*source, rows, left, conversion, report->usedBits, target);
        } else {
            decode<uint8_t>(*source, rows, left, conversion, 16, target);
        }
    });
}
