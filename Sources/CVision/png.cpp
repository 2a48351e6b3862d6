#include "png.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <png.h>

namespace {

/// What is read, how far, and why no further.
struct Source {
    const uint8_t *bytes;
    size_t count;
    size_t offset;
    char failure[128];
};

void receive(png_structp png, png_bytep out, size_t count) {
    auto *source = static_cast<Source *>(png_get_io_ptr(png));
    if (source->count - source->offset < count) png_error(png, "the data ends early");
    std::memcpy(out, source->bytes + source->offset, count);
    source->offset += count;
}

[[noreturn]] void fail(png_structp png, png_const_charp text) {
    auto *source = static_cast<Source *>(png_get_error_ptr(png));
    std::snprintf(source->failure, sizeof source->failure, "%s", text);
    png_longjmp(png, 1);
}

/// libpng's own prints to standard error. A warning is of what it does without, such as a colour profile.
void printNothing(png_structp, png_const_charp) {}

/// Frees on every way out.
struct Reader {
    png_structp png;
    png_infop info = nullptr;

    explicit Reader(Source &source) : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, printNothing)) {
        if (png) info = png_create_info_struct(png);
    }
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;
};

/// Reads up to the image data, and asks for red, green and blue. Nothing in here has a destructor, as `longjmp` would skip
/// it.
bool begin(png_structp png, png_infop info, Source &source, bool hasAlpha) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, &source, receive);
    png_read_info(png, info);
    const auto depth = png_get_bit_depth(png, info);
    const auto colour = png_get_color_type(png, info);
    if (depth == 16 && hasAlpha) png_set_swap(png);
    if (depth == 16 && !hasAlpha) png_set_strip_16(png);
    if (hasAlpha) png_set_tRNS_to_alpha(png);
    if (!hasAlpha) png_set_strip_alpha(png);
    if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (!(colour & PNG_COLOR_MASK_COLOR)) {
        if (depth < 8) png_set_expand_gray_1_2_4_to_8(png);
        png_set_gray_to_rgb(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
}

bool read(png_structp png, png_bytepp rows) {
    if (setjmp(png_jmpbuf(png))) return false;
    png_read_image(png, rows);
    png_read_end(png, nullptr);
    return true;
}

}  // namespace

namespace cvision {

bool isPNG(const uint8_t *bytes, size_t count) { return count >= 8 && png_sig_cmp(bytes, 0, 8) == 0; }

cv::Mat decodePNG(const uint8_t *bytes, size_t count, int width, int height, bool hasAlpha) {
    Source source{bytes, count, 0, ""};
    Reader reader(source);
    if (!reader.info) throw std::bad_alloc();
    if (!begin(reader.png, reader.info, source, hasAlpha)) throw std::runtime_error(source.failure);
    if (static_cast<int>(png_get_image_width(reader.png, reader.info)) != width ||
        static_cast<int>(png_get_image_height(reader.png, reader.info)) != height)
        throw std::runtime_error("decoded size differs from the size in the header");
    const int channels = png_get_channels(reader.png, reader.info);
    const int depth = png_get_bit_depth(reader.png, reader.info) == 16 ? CV_16U : CV_8U;
    cv::Mat image(height, width, CV_MAKETYPE(depth, channels));
    if (png_get_rowbytes(reader.png, reader.info) != image.cols * image.elemSize())
        throw std::runtime_error("rows of another length than the header tells");
    std::vector<png_bytep> rows(static_cast<size_t>(height));
    for (int y = 0; y < height; ++y) rows[static_cast<size_t>(y)] = image.ptr(y);
    if (!read(reader.png, rows.data())) throw std::runtime_error(source.failure);
    return image;
}

}  // namespace cvision
