#include "tiff.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "remarks.hpp"
#include "rows.hpp"
#include "tiff_samples.hpp"

namespace {

tmsize_t takeNext(thandle_t handle, void *output, tmsize_t length) {
    auto *file = static_cast<cvision::TIFFMemory *>(handle);
    const uint64_t left = file->offset < file->count ? file->count - file->offset : 0;
    const auto taken = static_cast<tmsize_t>(std::min<uint64_t>(left, static_cast<uint64_t>(length)));
    std::memcpy(output, file->bytes + file->offset, static_cast<size_t>(taken));
    file->offset += static_cast<uint64_t>(taken);
    return taken;
}

tmsize_t writeNothing(thandle_t, void *, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto *file = static_cast<cvision::TIFFMemory *>(handle);
    file->offset = whence == SEEK_SET ? offset : whence == SEEK_CUR ? file->offset + offset : file->count + offset;
    return file->offset;
}

int closeNothing(thandle_t) { return 0; }

toff_t size(thandle_t handle) { return static_cast<cvision::TIFFMemory *>(handle)->count; }

void remarkOn(const char *format, va_list arguments) {
    char text[sizeof cvision::TIFFMemory::text];
    std::vsnprintf(text, sizeof text, format, arguments);
    cvision::remark("libtiff", text);
}

int keep(TIFF *, void *data, const char *, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    remarkOn(format, again);
    va_end(again);
    auto *file = static_cast<cvision::TIFFMemory *>(data);
    if (file->text[0] == 0) std::vsnprintf(file->text, sizeof file->text, format, arguments);
    return 1;
}

/// libjpeg fills what is missing with grey and only warns; other warnings are of tags.
int keepDamage(TIFF *tiff, void *data, const char *module, const char *format, va_list arguments) {
    if (module != nullptr && std::strcmp(module, "JPEGLib") == 0) return keep(tiff, data, module, format, arguments);
    remarkOn(format, arguments);
    return 1;
}

}  // namespace

namespace cvision {

void TIFFDeleter::operator()(TIFF *tiff) const { TIFFClose(tiff); }

TIFFPlane::TIFFPlane(const uint8_t *bytes, size_t count, uint64_t directory, size_t maximumBytes) {
    memory_ = std::make_unique<TIFFMemory>(TIFFMemory{bytes, count, 0, {}});
    std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep, memory_.get());
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keepDamage, memory_.get());
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(maximumBytes));
    // "h" leaves the first directory alone: the page wanted is another one, perhaps. "m" asks for no mapped memory.
    tiff_.reset(TIFFClientOpenExt("image", "rhm", memory_.get(), takeNext, writeNothing, seek, closeNothing, size,
                                  nullptr, nullptr, options.get()));
    if (!tiff_ || TIFFSetSubDirectory(tiff_.get(), directory) == 0) fail();
    // What it says of a tag and goes on all the same is no damage of the picture.
    memory_->text[0] = 0;
}

void TIFFPlane::fail() const {
    throw std::runtime_error(memory_->text[0] != 0 ? memory_->text : "the image data cannot be decoded");
}

void TIFFPlane::check(bool done) const {
    if (!done || memory_->text[0] != 0) fail();
}

void TIFFPlane::prepare(int sample) {
    sample_ = sample;
    TIFF *tiff = tiff_.get();
    isTiled_ = TIFFIsTiled(tiff) != 0;
    if (isTiled_) {
        check(TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tileWidth_) && TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tileHeight_));
        check(TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width_) != 0 && tileWidth_ > 0 && tileHeight_ > 0);
        tile_.resize(static_cast<size_t>(TIFFTileSize(tiff)));
        tileRow_ = static_cast<size_t>(TIFFTileRowSize(tiff));
        tilesAcross_ = (width_ + tileWidth_ - 1) / tileWidth_;
        line_.resize(tileRow_ * tilesAcross_ * tileHeight_);
    } else {
        line_.resize(static_cast<size_t>(TIFFScanlineSize(tiff)));
    }
    check(!line_.empty());
}

const uint8_t *TIFFPlane::line(uint32_t y) {
    TIFF *tiff = tiff_.get();
    const auto sample = static_cast<uint16_t>(sample_);
    if (!isTiled_) {
        check(TIFFReadScanline(tiff, line_.data(), y, sample) == 1);
        return line_.data();
    }
    const size_t stride = tileRow_ * tilesAcross_;
    if (y % tileHeight_ == 0)
        for (uint32_t column = 0; column < tilesAcross_; ++column) {
            const auto length = static_cast<tmsize_t>(tile_.size());
            const uint32_t index = TIFFComputeTile(tiff, column * tileWidth_, y, 0, sample);
            check(TIFFReadEncodedTile(tiff, index, tile_.data(), length) == length);
            for (uint32_t row = 0; row < tileHeight_; ++row)
                std::memcpy(line_.data() + row * stride + column * tileRow_, tile_.data() + row * tileRow_, tileRow_);
        }
    return line_.data() + y % tileHeight_ * stride;
}

namespace {

/// The largest buffer that libtiff may ask for: more than the largest strip that the limits let pass.
constexpr size_t maximumBuffer = size_t{512} << 20;

/// A page of a TIFF file whose samples are read as they are stored.
class TIFFSource final : public RowSource {
  public:
    TIFFSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request)
        : bytes_(bytes), count_(count), request_(request) {
        begin();
    }

    int channels() const override { return samples_->hasAlpha() ? 4 : 3; }
    bool isWide() const override { return samples_->isWide(); }
    int leastBits() const override { return samples_->leastBits(); }
    CVColours colours(CVColourSource &) const override {
        return samples_->isLab() ? CVColoursConverted : CVColoursAssumed;
    }

    void begin() override {
        if (!planes_.empty() && row_ == 0) return;
        row_ = 0;
        planes_.clear();
        planes_.emplace_back(bytes_, count_, request_.tiffDirectory, maximumBuffer);
        samples_ = std::make_unique<TIFFSamples>(planes_[0].tiff(), request_);
        for (int plane = 1; plane < samples_->planes(); ++plane)
            planes_.emplace_back(bytes_, count_, request_.tiffDirectory, maximumBuffer);
        for (size_t plane = 0; plane < planes_.size(); ++plane)
            planes_[plane].prepare(samples_->stored(static_cast<int>(plane)));
        lines_.resize(planes_.size());
    }

    void read(uint8_t *row) override {
        for (size_t plane = 0; plane < planes_.size(); ++plane)
            lines_[plane] = planes_[plane].line(static_cast<uint32_t>(row_));
        ++row_;
        samples_->convert(lines_.data(), row);
    }

  private:
    const uint8_t *bytes_;
    const size_t count_;
    const CVDecodeRequest request_;
    /// One of all samples, or one a sample where each lies apart: every one of them is read from top to bottom.
    std::vector<TIFFPlane> planes_;
    std::unique_ptr<TIFFSamples> samples_;
    std::vector<const uint8_t *> lines_;
    int row_ = 0;
};

/// A page with brightness apart from colour, and colour at less than full size: libtiff's own way to RGB.
class SubsampledTIFFSource final : public RowSource {
  public:
    SubsampledTIFFSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request)
        : request_(request), plane_(bytes, count, request.tiffDirectory, maximumBuffer) {
        TIFF *tiff = plane_.tiff();
        uint32_t rows = 0;
        if (TIFFIsTiled(tiff)) {
            TIFFGetField(tiff, TIFFTAG_TILELENGTH, &rows);
        } else {
            TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows);
        }
        bandHeight_ = static_cast<int>(std::clamp<uint32_t>(rows, 1, static_cast<uint32_t>(request.height)));
        band_.resize(static_cast<size_t>(request.width) * bandHeight_);
    }

    void begin() override { row_ = 0; }

    void read(uint8_t *row) override {
        const int inBand = row_ % bandHeight_;
        if (inBand == 0) readBand();
        const uint32_t *in = band_.data() + static_cast<size_t>(request_.width) * inBand;
        for (int x = 0; x < request_.width; ++x, row += 3) {
            row[0] = static_cast<uint8_t>(TIFFGetR(in[x]));
            row[1] = static_cast<uint8_t>(TIFFGetG(in[x]));
            row[2] = static_cast<uint8_t>(TIFFGetB(in[x]));
        }
        ++row_;
    }

  private:
    void readBand() {
        TIFFRGBAImage image;
        char text[1024] = "";
        if (!TIFFRGBAImageBegin(&image, plane_.tiff(), 1, text))
            throw std::runtime_error(text[0] != 0 ? text : "the image data cannot be decoded");
        // As stored: turning is done to all formats in one place.
        image.req_orientation = image.orientation;
        image.row_offset = row_;
        const int height = std::min(bandHeight_, request_.height - row_);
        const bool isDone = TIFFRGBAImageGet(&image, band_.data(), static_cast<uint32_t>(request_.width),
                                             static_cast<uint32_t>(height)) != 0;
        TIFFRGBAImageEnd(&image);
        plane_.check(isDone);
    }

    const CVDecodeRequest request_;
    TIFFPlane plane_;
    int bandHeight_ = 1;
    std::vector<uint32_t> band_;
    int row_ = 0;
};

}  // namespace

std::unique_ptr<RowSource> openTIFF(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    bool isSubsampled = false;
    {
        const TIFFPlane plane(bytes, count, request.tiffDirectory, maximumBuffer);
        isSubsampled = TIFFSamples::isSubsampled(plane.tiff());
    }
    if (isSubsampled) return std::make_unique<SubsampledTIFFSource>(bytes, count, request);
    return std::make_unique<TIFFSource>(bytes, count, request);
}

}  // namespace cvision
