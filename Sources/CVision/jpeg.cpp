#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "rows.hpp"

namespace {

/// libjpeg.txt, "Error handling": the public fields come first, so that a pointer to them is a pointer to all.
struct Failure {
    jpeg_error_mgr base;
    std::jmp_buf jump;
    char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void fail(j_common_ptr info) {
    auto *failure = reinterpret_cast<Failure *>(info->err);
    failure->base.format_message(info, failure->text);
    std::longjmp(failure->jump, 1);
}

/// Level -1 is a warning: libjpeg found damage and would go on with invented pixels. Only harmless ones pass.
void receive(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_TOO_MUCH_DATA: return;
    default: fail(info);
    }
}

void printNothing(j_common_ptr) {}

/// Up to the first row. Nothing in here and below has a destructor, as `longjmp` would skip it.
bool start(jpeg_decompress_struct &info, Failure &failure, const uint8_t *bytes, size_t count, int reduction,
           int channels) {
    info.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = fail;
    failure.base.emit_message = receive;
    failure.base.output_message = printNothing;
    if (setjmp(failure.jump)) return false;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    info.scale_num = 1;
    info.scale_denom = static_cast<unsigned>(reduction);
    info.out_color_space = channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    return true;
}

bool readRow(jpeg_decompress_struct &info, Failure &failure, uint8_t *row) {
    if (setjmp(failure.jump)) return false;
    return jpeg_read_scanlines(&info, &row, 1) == 1;
}

bool end(jpeg_decompress_struct &info, Failure &failure) {
    if (setjmp(failure.jump)) return false;
    jpeg_finish_decompress(&info);
    return true;
}

/// A JPEG file, reduced by libjpeg while it is decoded.
///
/// OpenCV's own decoder fills what is missing with grey and prints a warning; here missing or damaged data throws.
class JPEGSource final : public cvision::RowSource {
  public:
    JPEGSource(const uint8_t *bytes, size_t count, const CVDecodeRequest &request)
        : bytes_(bytes), count_(count), request_(request) {
        if (request.jpegChannels == 4)
            ink_.resize(static_cast<size_t>((request.width + request.reduction - 1) / request.reduction) * 4);
    }
    ~JPEGSource() override { jpeg_destroy_decompress(&info_); }

    void begin() override {
        const int reduction = request_.reduction, channels = request_.jpegChannels == 4 ? 4 : 3;
        check(start(info_, failure_, bytes_, count_, reduction, channels));
        if (static_cast<int>(info_.output_width) != (request_.width + reduction - 1) / reduction ||
            static_cast<int>(info_.output_height) != (request_.height + reduction - 1) / reduction ||
            info_.output_components != channels)
            throw std::runtime_error("decoded size differs from the size in the header");
    }

    void read(uint8_t *row) override {
        if (ink_.empty()) {
            check(readRow(info_, failure_, row));
            return;
        }
        check(readRow(info_, failure_, ink_.data()));
        const uint8_t *in = ink_.data();
        // Adobe writes CMYK inverted: 255 is no ink, and so each channel is already its share of light.
        for (size_t x = 0; x < ink_.size() / 4; ++x, in += 4, row += 3)
            for (int c = 0; c < 3; ++c) row[c] = static_cast<uint8_t>((in[c] * in[3] + 127) / 255);
    }

    void finish() override { check(end(info_, failure_)); }

  private:
    void check(bool done) const {
        if (!done) throw std::runtime_error(failure_.text);
    }

    const uint8_t *bytes_;
    const size_t count_;
    const CVDecodeRequest request_;
    std::vector<uint8_t> ink_;
    jpeg_decompress_struct info_{};
    Failure failure_{};
};

}  // namespace

namespace cvision {

std::unique_ptr<RowSource> openJPEG(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    return std::make_unique<JPEGSource>(bytes, count, request);
}

}  // namespace cvision
