#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <png.h>

#include "remarks.hpp"
#include "rows.hpp"

namespace {

/// The file in memory, and where libpng goes on after an error (libpng-manual.txt, "Error handling").
struct File {
    const uint8_t *bytes;
    size_t count, offset;
    char text[128];
    std::jmp_buf jump;
};

void take(png_structp png, png_bytep output, size_t length) {
    auto *file = static_cast<File *>(png_get_io_ptr(png));
    if (length > file->count - file->offset) png_error(png, "the file ends before the image does");
    std::memcpy(output, file->bytes + file->offset, length);
    file->offset += length;
}

[[noreturn]] void fail(png_structp png, png_const_charp text) {
    auto *file = static_cast<File *>(png_get_error_ptr(png));
    std::snprintf(file->text, sizeof file->text, "%s", text);
    std::longjmp(file->jump, 1);
}

/// What libpng warns of is metadata, or data beyond the last row; damage of the picture is an error.
void keep(png_structp, png_const_charp text) { cvision::remark("libpng", text); }

/// Up to the first row. Nothing in here and below has a destructor, as `longjmp` would skip it.
bool start(png_structp png, png_infop info, File *file) {
    if (setjmp(file->jump)) return false;
    png_set_read_fn(png, file, take);
    // The header's own reader has read what counts of the other chunks; libpng keeps transparency alone.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png, info);
    const int colours = png_get_color_type(png, info), bits = png_get_bit_depth(png, info);
    if (colours == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (colours == PNG_COLOR_TYPE_GRAY && bits < 8) png_set_expand_gray_1_2_4_to_8(png);
    if ((colours & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png);
    if (bits == 16) png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
}

bool readRow(png_structp png, File *file, uint8_t *row) {
    if (setjmp(file->jump)) return false;
    png_read_row(png, row, nullptr);
    return true;
}

bool readAll(png_structp png, File *file, uint8_t **rows) {
    if (setjmp(file->jump)) return false;
    png_read_image(png, rows);
    return true;
}

bool end(png_structp png, File *file) {
    if (setjmp(file->jump)) return false;
    png_read_end(png, nullptr);
    return true;
}

struct Handles {
    png_structp png = nullptr;
    png_infop info = nullptr;
    ~Handles() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// A PNG file, row by row; an interlaced one is held whole, as its rows are complete at the end alone.
class PNGSource final : public cvision::RowSource {
  public:
    PNGSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) : request_(request) {
        file_.bytes = bytes;
        file_.count = count;
        // What the rows are like must be known before the first is read.
        begin();
    }

    int channels() const override { return png_get_channels(handles_->png, handles_->info); }
    bool isWide() const override { return png_get_bit_depth(handles_->png, handles_->info) == 16; }
    int leastBits() const override { return 8; }

    void begin() override {
        if (handles_ && isFresh_) return;
        handles_ = std::make_unique<Handles>();
        handles_->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &file_, fail, keep);
        if (handles_->png == nullptr) throw std::bad_alloc();
        handles_->info = png_create_info_struct(handles_->png);
        if (handles_->info == nullptr) throw std::bad_alloc();
        file_.offset = 0;
        row_ = 0;
        isFresh_ = true;
        check(start(handles_->png, handles_->info, &file_));
        if (static_cast<int>(png_get_image_width(handles_->png, handles_->info)) != request_.width ||
            static_cast<int>(png_get_image_height(handles_->png, handles_->info)) != request_.height)
            throw std::runtime_error("decoded size differs from the size in the header");
        if (channels() != 3 && channels() != 4) throw std::runtime_error("image has neither 3 nor 4 channels");
    }

    void read(uint8_t *row) override {
        isFresh_ = false;
        const size_t length = png_get_rowbytes(handles_->png, handles_->info);
        if (png_get_interlace_type(handles_->png, handles_->info) == PNG_INTERLACE_NONE) {
            check(readRow(handles_->png, &file_, row));
            return;
        }
        if (row_ == 0) {
            image_.resize(length * request_.height);
            std::vector<uint8_t *> rows(request_.height);
            for (int y = 0; y < request_.height; ++y) rows[y] = image_.data() + length * y;
            check(readAll(handles_->png, &file_, rows.data()));
        }
        std::memcpy(row, image_.data() + length * row_++, length);
    }

    void finish() override { check(end(handles_->png, &file_)); }

  private:
    void check(bool done) const {
        if (!done) throw std::runtime_error(file_.text);
    }

    const CVDecodeRequest request_;
    File file_{};
    std::unique_ptr<Handles> handles_;
    bool isFresh_ = false;
    std::vector<uint8_t> image_;
    int row_ = 0;
};

}  // namespace

namespace cvision {

std::unique_ptr<RowSource> openPNG(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    return std::make_unique<PNGSource>(bytes, count, request);
}

}  // namespace cvision
