#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "encoded.hpp"
#include "pixels.hpp"
#include "remarks.hpp"
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
    case JWRN_TOO_MUCH_DATA: {
        char text[JMSG_LENGTH_MAX];
        info->err->format_message(info, text);
        return cvision::remark("libjpeg", text);
    }
    default: fail(info);
    }
}

void printNothing(j_common_ptr) {}

void report(j_common_ptr info, Failure &failure) {
    info->err = jpeg_std_error(&failure.base);
    failure.base.error_exit = fail;
    failure.base.emit_message = receive;
    failure.base.output_message = printNothing;
}

/// Up to the first row. Nothing in here and below has a destructor, as `longjmp` would skip it.
bool start(jpeg_decompress_struct &info, Failure &failure, const uint8_t *bytes, size_t count, int reduction,
           int channels) {
    report(reinterpret_cast<j_common_ptr>(&info), failure);
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

/// Where libjpeg writes, up to a bound. Its own (`jpeg_mem_dest`) tells of a buffer that it has exchanged only at the end: after an
/// error in between one would free the old one again.
struct Destination {
    jpeg_destination_mgr base;
    unsigned char *bytes;
    size_t room, most, size;
};

Destination *destination(j_compress_ptr info) { return reinterpret_cast<Destination *>(info->dest); }

void beginWriting(j_compress_ptr info) {
    Destination *to = destination(info);
    to->base.next_output_byte = to->bytes;
    to->base.free_in_buffer = to->room;
}

/// libjpeg.txt, "Data destinations": all of the buffer is full, whatever its fields say.
boolean makeRoom(j_compress_ptr info) {
    Destination *to = destination(info);
    const size_t written = to->room;
    if (written >= to->most) ERREXIT(info, JERR_FILE_WRITE);
    const size_t room = written < to->most / 2 ? 2 * written : to->most;
    auto *bytes = static_cast<unsigned char *>(std::realloc(to->bytes, room));
    if (!bytes) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
    to->bytes = bytes;
    to->room = room;
    to->base.next_output_byte = bytes + written;
    to->base.free_in_buffer = room - written;
    return TRUE;
}

void endWriting(j_compress_ptr info) {
    Destination *to = destination(info);
    to->size = to->room - to->base.free_in_buffer;
}

/// What the usual Huffman tables have codes for (T.81, tables K.3 to K.6): 11 bits of difference to the block before, 10 of all else.
bool isUsual(const JBLOCK block) {
    int beyond = block[0] < -1024 || block[0] > 1023;
    for (int index = 1; index < DCTSIZE2; ++index) beyond |= block[index] < -1023 || block[index] > 1023;
    return !beyond;
}

/// The coefficients of a file, written as another.
class JPEGCopy {
  public:
    ~JPEGCopy() {
        jpeg_destroy_compress(&output_);
        jpeg_destroy_decompress(&input_);
        std::free(to_.bytes);
    }

    /// Nothing where they cannot be written as a sequential file of at most so many bytes.
    std::unique_ptr<CVEncoded> of(const uint8_t *bytes, size_t count, int width, int height, size_t maximumBytes) {
        if (!open(bytes, count)) throw std::runtime_error(failure_.text);
        if (static_cast<int>(input_.image_width) != width || static_cast<int>(input_.image_height) != height ||
            input_.num_components != 3)
            throw std::runtime_error("the size or the colours differ from those in the header");
        if (!read()) throw std::runtime_error(failure_.text);
        // libjpeg asks for room as soon as the last byte of it is written, though nothing more comes.
        to_.most = maximumBytes + 1;
        to_.room = count < to_.most ? count : to_.most;
        to_.bytes = static_cast<unsigned char *>(std::malloc(to_.room));
        if (!to_.bytes) throw std::bad_alloc();
        if (!isUsual_ || !write() || to_.size > maximumBytes) return nullptr;
        auto result = std::make_unique<CVEncoded>();
        result->bytes.assign(to_.bytes, to_.bytes + to_.size);
        return result;
    }

  private:
    bool open(const uint8_t *bytes, size_t count) {
        report(reinterpret_cast<j_common_ptr>(&input_), failure_);
        output_.err = input_.err;
        if (setjmp(failure_.jump)) return false;
        jpeg_create_decompress(&input_);
        jpeg_create_compress(&output_);
        jpeg_mem_src(&input_, bytes, count);
        jpeg_read_header(&input_, TRUE);
        return true;
    }

    bool read() {
        if (setjmp(failure_.jump)) return false;
        coefficients_ = jpeg_read_coefficients(&input_);
        auto *common = reinterpret_cast<j_common_ptr>(&input_);
        for (int number = 0; number < input_.num_components && isUsual_; ++number) {
            const jpeg_component_info &component = input_.comp_info[number];
            for (JDIMENSION row = 0; row < component.height_in_blocks && isUsual_; ++row) {
                JBLOCKROW blocks = input_.mem->access_virt_barray(common, coefficients_[number], row, 1, FALSE)[0];
                for (JDIMENSION column = 0; column < component.width_in_blocks; ++column)
                    isUsual_ = isUsual(blocks[column]) && isUsual_;
            }
        }
        return true;
    }

    bool write() {
        if (setjmp(failure_.jump)) return false;
        to_.base.init_destination = beginWriting;
        to_.base.empty_output_buffer = makeRoom;
        to_.base.term_destination = endWriting;
        output_.dest = &to_.base;
        jpeg_copy_critical_parameters(&input_, &output_);
        jpeg_write_coefficients(&output_, coefficients_);
        jpeg_finish_compress(&output_);
        return true;
    }

    jpeg_decompress_struct input_{};
    jpeg_compress_struct output_{};
    Failure failure_{};
    Destination to_{};
    jvirt_barray_ptr *coefficients_ = nullptr;
    bool isUsual_ = true;
};

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

extern "C" CSStatus cv_copy_jpeg(const uint8_t *bytes, size_t count, int width, int height, size_t maximumBytes,
                                 CVEncoded **encoded, CSError *error) {
    return cstatus::guardedOpenCV(
        error, [&] { *encoded = JPEGCopy().of(bytes, count, width, height, maximumBytes).release(); });
}
