#include "tiff_samples.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <lcms2.h>
#include <stdexcept>

namespace {

/// One of `count` samples of `bits` bits, the first in the highest bits (TIFF 6.0, section 8).
uint16_t sample(const uint8_t *line, size_t index, int bits) {
    if (bits == 8) return line[index];
    if (bits == 16) {
        uint16_t value;
        std::memcpy(&value, line + 2 * index, 2);
        return value;
    }
    uint32_t value = 0;
    size_t bit = index * bits;
    for (int i = 0; i < bits; ++i, ++bit) value = value << 1 | (line[bit / 8] >> (7 - bit % 8) & 1);
    return static_cast<uint16_t>(value);
}

}  // namespace

namespace cvision {

void TIFFSamples::Delete::operator()(void *transform) const { cmsDeleteTransform(transform); }

bool TIFFSamples::isSubsampled(TIFF *tiff) {
    uint16_t photometric = 0, compression = 0, planar = 0;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    return photometric == PHOTOMETRIC_YCBCR && (compression != COMPRESSION_JPEG || planar != PLANARCONFIG_CONTIG);
}

TIFFSamples::TIFFSamples(TIFF *tiff, const CVDecodeRequest &request) : width_(request.width) {
    uint32_t width = 0, height = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    if (static_cast<int64_t>(width) != request.width || static_cast<int64_t>(height) != request.height)
        throw std::runtime_error("decoded size differs from the size in the header");
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric_))
        throw std::runtime_error("the meaning of its samples is missing");
    uint16_t planar = PLANARCONFIG_CONTIG;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits_);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples_);
    if (bits_ < 1 || bits_ > 16) throw std::runtime_error("samples of more than 16 bits");
    switch (photometric_) {
    case PHOTOMETRIC_MINISWHITE: case PHOTOMETRIC_MINISBLACK: colours_ = 1; break;
    case PHOTOMETRIC_PALETTE: {
        colours_ = 1;
        uint16_t *map[3];
        if (bits_ > 8 || !TIFFGetField(tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
            throw std::runtime_error("its palette is missing");
        const size_t count = size_t{1} << bits_;
        // Some old writers used 8 of the 16 bits.
        bool isShort = true;
        for (const uint16_t *channel : map)
            isShort = isShort && std::all_of(channel, channel + count, [](uint16_t value) { return value < 256; });
        for (size_t i = 0; i < count; ++i)
            for (const uint16_t *channel : map)
                palette_.push_back(static_cast<uint8_t>(isShort ? channel[i] : channel[i] * 255u / 65535));
        break;
    }
    case PHOTOMETRIC_YCBCR: TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB); break;
    case PHOTOMETRIC_SEPARATED: colours_ = 4; break;
    case PHOTOMETRIC_RGB: break;
    case PHOTOMETRIC_CIELAB: case PHOTOMETRIC_ICCLAB: {
        if (bits_ != 8 && bits_ != 16) throw std::invalid_argument("Lab samples of neither 8 nor 16 bits");
        cmsHPROFILE from = cmsCreateLab4Profile(nullptr), to = cmsCreate_sRGBProfile();
        if (from != nullptr && to != nullptr)
            lab_.reset(cmsCreateTransform(from, TYPE_Lab_DBL, to, TYPE_RGB_16, INTENT_RELATIVE_COLORIMETRIC, 0));
        if (from != nullptr) cmsCloseProfile(from);
        if (to != nullptr) cmsCloseProfile(to);
        if (!lab_) throw std::bad_alloc();
        break;
    }
    default: throw std::invalid_argument("its colours are of an unknown kind");
    }
    if (bits_ == 16 && (photometric_ == PHOTOMETRIC_RGB || photometric_ == PHOTOMETRIC_MINISBLACK)) {
        uint16_t most = 0;
        leastBits_ = TIFFGetField(tiff, TIFFTAG_MAXSAMPLEVALUE, &most) ? std::bit_width(most) : 8;
    }
    if (samples_ < colours_) throw std::runtime_error("samples are missing");
    uint16_t extra = 0, *kinds = nullptr;
    if (request.alpha != CVAlphaNone && !isLab() && TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds))
        for (int i = 0; i < extra && alpha_ < 0; ++i)
            if (kinds[i] != EXTRASAMPLE_UNSPECIFIED && colours_ + i < samples_) alpha_ = colours_ + i;
    const int used = colours_ + (alpha_ >= 0);
    isApart_ = planar == PLANARCONFIG_SEPARATE && samples_ > 1;
    if (isApart_) planes_ = used;
    values_.resize(static_cast<size_t>(width_) * used);
}

void TIFFSamples::gather(const uint8_t *const *lines) {
    const int used = colours_ + (alpha_ >= 0);
    for (int number = 0; number < used; ++number) {
        const uint8_t *line = lines[isApart_ ? number : 0];
        const size_t step = isApart_ ? 1 : samples_;
        size_t index = isApart_ ? 0 : stored(number);
        uint16_t *out = values_.data() + number;
        for (int x = 0; x < width_; ++x, index += step, out += used) *out = sample(line, index, bits_);
    }
}

void TIFFSamples::convert(const uint8_t *const *lines, uint8_t *row) {
    gather(lines);
    if (isLab()) {
        writeLab(reinterpret_cast<uint16_t *>(row));
    } else if (isWide()) {
        write(reinterpret_cast<uint16_t *>(row));
    } else {
        write(row);
    }
}

template <typename Sample> void TIFFSamples::write(Sample *row) const {
    constexpr uint32_t most = sizeof(Sample) == 1 ? 255 : 65535;
    const uint32_t range = (1u << bits_) - 1;
    const uint16_t *in = values_.data();
    const auto whole = [&](uint16_t value) { return range == most ? value : value * most / range; };
    for (int x = 0; x < width_; ++x) {
        uint32_t colour[4];
        for (int c = 0; c < colours_; ++c) colour[c] = whole(*in++);
        switch (photometric_) {
        case PHOTOMETRIC_MINISWHITE: colour[0] = most - colour[0]; [[fallthrough]];
        case PHOTOMETRIC_MINISBLACK: colour[1] = colour[2] = colour[0]; break;
        case PHOTOMETRIC_PALETTE:
            for (int c = 0; c < 3; ++c) colour[c] = palette_[3 * in[-1] + c];
            break;
        case PHOTOMETRIC_SEPARATED:
            for (int c = 0; c < 3; ++c)
                colour[c] = static_cast<uint32_t>(
                    (static_cast<uint64_t>(most - colour[c]) * (most - colour[3]) + most / 2) / most);
            break;
        default: break;
        }
        for (int c = 0; c < 3; ++c) *row++ = static_cast<Sample>(colour[c]);
        if (alpha_ >= 0) *row++ = static_cast<Sample>(whole(*in++));
    }
}

void TIFFSamples::writeLab(uint16_t *row) const {
    std::vector<double> lab(static_cast<size_t>(width_) * 3);
    const bool isICC = photometric_ == PHOTOMETRIC_ICCLAB;
    for (size_t i = 0; i < lab.size(); ++i) {
        const uint16_t value = values_[i];
        const bool isLightness = i % 3 == 0;
        // TIFF 6.0, section 23, and Adobe Photoshop TIFF Technical Notes: a and b are signed, or moved by 128.
        if (bits_ == 8) {
            lab[i] = isLightness ? value / 2.55 : isICC ? value - 128. : static_cast<int8_t>(value);
        } else if (isICC) {
            lab[i] = isLightness ? value / 652.8 : value / 256. - 128;
        } else {
            lab[i] = isLightness ? value / 655.35 : static_cast<int16_t>(value) / 256.;
        }
    }
    cmsDoTransform(lab_.get(), lab.data(), row, static_cast<cmsUInt32Number>(width_));
}

}  // namespace cvision
