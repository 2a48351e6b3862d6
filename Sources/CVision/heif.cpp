#include <algorithm>
#include <climits>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <guarded.hpp>
#include <libheif/heif.h>

#include "rows.hpp"

namespace {

void check(const heif_error &error) {
    if (error.code == heif_error_Memory_allocation_error && error.subcode != heif_suberror_Security_limit_exceeded)
        throw std::bad_alloc();
    if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
        throw std::invalid_argument(error.message);
    if (error.code != heif_error_Ok) throw std::runtime_error(error.message);
}

struct FreeContext {
    void operator()(heif_context *context) const { heif_context_free(context); }
};
struct FreeHandle {
    void operator()(heif_image_handle *handle) const { heif_image_handle_release(handle); }
};
struct FreeImage {
    void operator()(heif_image *image) const { heif_image_release(image); }
};

/// A file whose boxes have been read, and its primary image.
struct HEICFile {
    std::unique_ptr<heif_context, FreeContext> context;
    std::unique_ptr<heif_image_handle, FreeHandle> handle;

    HEICFile(const uint8_t *bytes, size_t count) : context(heif_context_alloc()) {
        if (!context) throw std::bad_alloc();
        // Callers bring their own parallelism.
        heif_context_set_max_decoding_threads(context.get(), 0);
        check(heif_context_read_from_memory_without_copy(context.get(), bytes, count, nullptr));
        heif_image_handle *primary = nullptr;
        check(heif_context_get_primary_image_handle(context.get(), &primary));
        handle.reset(primary);
    }

    int bits() const { return std::max(8, heif_image_handle_get_luma_bits_per_pixel(handle.get())); }
    bool hasAlpha() const { return heif_image_handle_has_alpha_channel(handle.get()) != 0; }
};

/// A HEIC file, decoded whole by libheif, which crops, rotates and mirrors as the file asks.
class HEICSource final : public cvision::RowSource {
  public:
    HEICSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request)
        : file_(bytes, count), width_(request.width), height_(request.height) {
        readProfile();
        // A grid of tiles states the size of the whole once more; one cropped afterwards may be somewhat larger.
        heif_context_set_maximum_image_size_limit(file_.context.get(), std::max(width_, height_) / 4 * 5 + 64);
        isWide_ = file_.bits() > 8;
        hasAlpha_ = request.alpha != CVAlphaNone && file_.hasAlpha();
        std::unique_ptr<heif_decoding_options, decltype(&heif_decoding_options_free)> options(
            heif_decoding_options_alloc(), heif_decoding_options_free);
        if (!options) throw std::bad_alloc();
        options->strict_decoding = 1;
        const heif_chroma chroma =
            isWide_ ? (hasAlpha_ ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE)
                    : (hasAlpha_ ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB);
        heif_image *image = nullptr;
        check(heif_decode_image(file_.handle.get(), &image, heif_colorspace_RGB, chroma, options.get()));
        image_.reset(image);
        if (heif_image_get_width(image, heif_channel_interleaved) != width_ ||
            heif_image_get_height(image, heif_channel_interleaved) != height_)
            throw std::runtime_error("decoded size differs from the size in the header");
        bits_ = heif_image_get_bits_per_pixel_range(image, heif_channel_interleaved);
        pixels_ = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride_);
        if (pixels_ == nullptr || bits_ < 8 || bits_ > 16)
            throw std::runtime_error("the image data cannot be decoded");
    }

    int channels() const override { return hasAlpha_ ? 4 : 3; }
    bool isWide() const override { return isWide_; }
    void begin() override { row_ = 0; }

    void read(uint8_t *row) override {
        const uint8_t *in = pixels_ + static_cast<size_t>(stride_) * row_++;
        const size_t samples = static_cast<size_t>(width_) * channels();
        std::memcpy(row, in, isWide_ ? samples * 2 : samples);
        if (!isWide_ || bits_ == 16) return;
        auto *wide = reinterpret_cast<uint16_t *>(row);
        const uint32_t most = (1u << bits_) - 1;
        for (size_t i = 0; i < samples; ++i)
            wide[i] = static_cast<uint16_t>(std::min<uint32_t>(wide[i], most) * 65535 / most);
    }

    CVColours colours(CVColourSource &source) const override {
        source = source_;
        if (!profile_.empty()) source.profile = profile_.data();
        return colours_;
    }

  private:
    void readProfile() {
        const heif_image_handle *handle = file_.handle.get();
        const auto type = heif_image_handle_get_color_profile_type(handle);
        if (type == heif_color_profile_type_rICC || type == heif_color_profile_type_prof) {
            profile_.resize(heif_image_handle_get_raw_color_profile_size(handle));
            if (profile_.empty()) return;
            check(heif_image_handle_get_raw_color_profile(handle, profile_.data()));
            source_.profileCount = profile_.size();
            colours_ = CVColoursConverted;
        } else if (type == heif_color_profile_type_nclx) {
            heif_color_profile_nclx *nclx = nullptr;
            const heif_error error = heif_image_handle_get_nclx_color_profile(handle, &nclx);
            // With an error too: libheif makes it before it looks at the codes.
            const std::unique_ptr<heif_color_profile_nclx, decltype(&heif_nclx_color_profile_free)> owner(
                nclx, heif_nclx_color_profile_free);
            if (error.code != heif_error_Ok || nclx == nullptr) {
                colours_ = CVColoursDamaged;
                return;
            }
            readCodes(*nclx);
        }
    }

    /// Codes of primaries and curve (ITU-T H.273, tables 2 and 3).
    void readCodes(const heif_color_profile_nclx &nclx) {
        const bool isUsual = nclx.color_primaries == heif_color_primaries_ITU_R_BT_709_5 ||
                             nclx.color_primaries == heif_color_primaries_unspecified;
        switch (nclx.transfer_characteristics) {
        // Photographs with the curve of television are shown as sRGB everywhere.
        case heif_transfer_characteristic_ITU_R_BT_709_5:
        case heif_transfer_characteristic_unspecified:
        case heif_transfer_characteristic_ITU_R_BT_601_6:
        case heif_transfer_characteristic_IEC_61966_2_1:
        case heif_transfer_characteristic_ITU_R_BT_2020_2_10bit:
        case heif_transfer_characteristic_ITU_R_BT_2020_2_12bit:
            if (isUsual) {
                colours_ = CVColoursSRGB;
                return;
            }
            break;
        case heif_transfer_characteristic_ITU_R_BT_470_6_System_M: source_.exponent = 2.2; break;
        case heif_transfer_characteristic_ITU_R_BT_470_6_System_B_G: source_.exponent = 2.8; break;
        case heif_transfer_characteristic_linear: source_.exponent = 1; break;
        default: colours_ = CVColoursUnknownCurve; return;
        }
        const double places[] = {
            nclx.color_primary_white_x, nclx.color_primary_white_y, nclx.color_primary_red_x,
            nclx.color_primary_red_y,   nclx.color_primary_green_x, nclx.color_primary_green_y,
            nclx.color_primary_blue_x,  nclx.color_primary_blue_y,
        };
        const double sRGB[] = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
        std::copy_n(isUsual ? sRGB : places, 8, source_.chromaticities);
        colours_ = CVColoursConverted;
    }

    HEICFile file_;
    const int width_, height_;
    bool isWide_ = false, hasAlpha_ = false;
    std::unique_ptr<heif_image, FreeImage> image_;
    const uint8_t *pixels_ = nullptr;
    int stride_ = 0, bits_ = 8, row_ = 0;
    std::vector<uint8_t> profile_;
    CVColourSource source_{};
    CVColours colours_ = CVColoursAssumed;
};

}  // namespace

namespace cvision {

std::unique_ptr<RowSource> openHEIC(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    return std::make_unique<HEICSource>(bytes, count, request);
}

}  // namespace cvision

extern "C" CSStatus cv_heic_inspect(const uint8_t *bytes, size_t count, CVHEICHeader *header, CSError *error) {
    return cstatus::guarded(error, [&] {
        const HEICFile file(bytes, count);
        header->width = heif_image_handle_get_width(file.handle.get());
        header->height = heif_image_handle_get_height(file.handle.get());
        header->bits = file.bits();
        header->alpha = !file.hasAlpha() ? CVAlphaNone
                        : heif_image_handle_is_premultiplied_alpha(file.handle.get()) != 0 ? CVAlphaPremultiplied
                                                                                           : CVAlphaStraight;
        header->pictures = heif_context_get_number_of_top_level_images(file.context.get());
    });
}
