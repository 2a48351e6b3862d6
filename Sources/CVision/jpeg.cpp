#include "jpeg.hpp"

#include <csetjmp>
#include <cstdio>
#include <stdexcept>

#include <jpeglib.h>

#include <jerror.h>

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

/// Reads all rows. Nothing in here has a destructor, as `longjmp` would skip it.
bool read(jpeg_decompress_struct &info, Failure &failure, const uint8_t *bytes, size_t count, int reduction,
          uint8_t *pixels, size_t stride, int width, int height, int channels) {
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
    if (static_cast<int>(info.output_width) != width || static_cast<int>(info.output_height) != height ||
        info.output_components != channels) {
        std::snprintf(failure.text, sizeof failure.text, "decoded size differs from the size in the header");
        return false;
    }
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels + stride * info.output_scanline;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    return true;
}

/// Adobe writes CMYK inverted: 255 is no ink, and so each channel is already its share of light.
void lightOf(const cv::Mat &ink, cv::Mat &rgb) {
    for (int y = 0; y < ink.rows; ++y) {
        const uint8_t *in = ink.ptr<uint8_t>(y);
        uint8_t *out = rgb.ptr<uint8_t>(y);
        for (int x = 0; x < ink.cols; ++x, in += 4, out += 3)
            for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>((in[c] * in[3] + 127) / 255);
    }
}

}  // namespace

namespace cvision {

void decodeJPEG(const uint8_t *bytes, size_t count, int reduction, int storedChannels, cv::Mat &output) {
    cv::Mat ink;
    if (storedChannels == 4) ink.create(output.rows, output.cols, CV_8UC4);
    cv::Mat &target = storedChannels == 4 ? ink : output;
    jpeg_decompress_struct info{};
    Failure failure{};
    const bool done = read(info, failure, bytes, count, reduction, target.data, target.step, target.cols, target.rows,
                           target.channels());
    jpeg_destroy_decompress(&info);
    if (!done) throw std::runtime_error(failure.text);
    if (storedChannels == 4) lightOf(ink, output);
}

}  // namespace cvision
