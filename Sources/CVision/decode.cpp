#include "cv_decode.h"

#include <climits>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "jpeg.hpp"
#include "pixels.hpp"
#include "png.hpp"

namespace {

cv::Mat overWhite(const cv::Mat &image, CVAlpha alpha) {
    cv::Mat result(image.rows, image.cols, CV_8UC3);
    for (int y = 0; y < image.rows; ++y) {
        const uchar *in = image.ptr<uchar>(y);
        uchar *out = result.ptr<uchar>(y);
        for (int x = 0; x < image.cols; ++x, in += 4, out += 3)
            for (int c = 0; c < 3; ++c) {
                const int white = 255 * (255 - in[3]);
                const int colour = alpha == CVAlphaPremultiplied ? in[c] * 255 : in[c] * in[3];
                out[c] = static_cast<uchar>(std::min(255, (colour + white + 127) / 255));
            }
    }
    return result;
}

/// To three channels of 8 bits, in the order that they have.
cv::Mat toColour(cv::Mat image, CVAlpha alpha) {
    if (image.depth() == CV_16U) image.convertTo(image, CV_8U, 1.0 / 257);
    if (image.depth() != CV_8U) throw std::runtime_error("samples are neither 8 nor 16 bits wide");
    switch (image.channels()) {
    case 1: cv::cvtColor(image, image, cv::COLOR_GRAY2BGR); return image;
    case 3: return image;
    case 4: return overWhite(image, alpha);
    default: throw std::runtime_error("image has neither 1, 3 nor 4 channels");
    }
}

/// TIFF 6.0 and EXIF 2.3, tag 274: where the stored row 0 and column 0 are to be seen.
void orient(cv::Mat &image, int orientation) {
    if (orientation >= 5) cv::transpose(image, image);
    switch (orientation) {
    case 2: case 6: cv::flip(image, image, 1); break;
    case 3: case 7: cv::flip(image, image, -1); break;
    case 4: case 8: cv::flip(image, image, 0); break;
    default: break;
    }
}

cv::Size reducedSize(const CVDecodeRequest &request) {
    const int reduction = request.reduction;
    return {(request.width + reduction - 1) / reduction, (request.height + reduction - 1) / reduction};
}

/// Stands before `std::cerr`, to which OpenCV 4.6 prints every exception that `imdecode` catches, whatever its log level:
/// lets nothing through of a thread that decodes.
class DecodingSilence : public std::streambuf {
public:
    /// While one is alive, its thread prints nothing.
    struct Scope {
        Scope() {
            // Never freed: other threads may print until the process ends.
            [[maybe_unused]] static const auto *installed = new DecodingSilence();
            isSilent = true;
        }
        ~Scope() { isSilent = false; }
    };

private:
    static thread_local bool isSilent;
    std::streambuf *const target = std::cerr.rdbuf(this);

    int_type overflow(int_type byte) override {
        if (isSilent || byte == traits_type::eof()) return traits_type::not_eof(byte);
        return target->sputc(traits_type::to_char_type(byte));
    }
    std::streamsize xsputn(const char *text, std::streamsize count) override {
        return isSilent ? count : target->sputn(text, count);
    }
    int sync() override { return isSilent ? 0 : target->pubsync(); }
};

thread_local bool DecodingSilence::isSilent = false;

/// Decodes TIFF, BMP and WebP with OpenCV, at full size, to blue, green, red.
cv::Mat decodeByOpenCV(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    if (count > INT_MAX) throw std::runtime_error("file is too long");
    const cv::Mat encoded(1, static_cast<int>(count), CV_8UC1, const_cast<uint8_t *>(bytes));
    // IMREAD_UNCHANGED is the only mode that keeps alpha; it ignores the orientation too.
    const int flags = request.alpha == CVAlphaNone ? cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION
                                                        : cv::IMREAD_UNCHANGED;
    const DecodingSilence::Scope silence;
    cv::Mat image = cv::imdecode(encoded, flags);
    if (image.empty()) throw std::runtime_error("the image data cannot be decoded");
    if (image.cols != request.width || image.rows != request.height)
        throw std::runtime_error("decoded size differs from the size in the header");
    return image;
}

/// Decodes any format but JPEG, at full size and then reduced.
cv::Mat decodeOther(const uint8_t *bytes, size_t count, const CVDecodeRequest &request) {
    const bool isPNG = cvision::isPNG(bytes, count);
    cv::Mat image = isPNG ? cvision::decodePNG(bytes, count, request.width, request.height, request.alpha != CVAlphaNone)
                          : decodeByOpenCV(bytes, count, request);
    image = toColour(image, request.alpha);
    if (!isPNG) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
    if (request.reduction > 1) cv::resize(image, image, reducedSize(request), 0, 0, cv::INTER_AREA);
    return image;
}

}  // namespace

extern "C" CSStatus cv_decode(const uint8_t *bytes, size_t count, const CVDecodeRequest *request, uint8_t *pixels,
                              int outputWidth, int outputHeight, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat output(outputHeight, outputWidth, CV_8UC3, pixels);
        cv::Mat image;
        if (request->jpegChannels > 0) {
            // An upright photograph goes straight into the caller's memory.
            image = request->orientation == 1 ? output : cv::Mat(reducedSize(*request), CV_8UC3);
            cvision::decodeJPEG(bytes, count, request->reduction, request->jpegChannels, image);
        } else {
            image = decodeOther(bytes, count, *request);
        }
        orient(image, request->orientation);
        if (image.data != pixels) cvision::store(image, pixels, outputWidth, outputHeight);
    });
}
