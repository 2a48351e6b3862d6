#include "cv_augment.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "augment.hpp"
#include "pixels.hpp"
#include "random.hpp"

namespace cvision {

cv::Mat variedGeometry(const cv::Mat &image, const CVAugmentation &strengths, uint64_t seed) {
    Random random(seed, geometryStream);
    cv::Mat result = image;
    bool horizontal = random.happens(strengths.horizontalFlip), vertical = random.happens(strengths.verticalFlip);
    if (horizontal || vertical) {
        cv::Mat flipped;
        cv::flip(result, flipped, horizontal && vertical ? -1 : (horizontal ? 1 : 0));
        result = flipped;
    }
    if (random.happens(strengths.quarterTurn)) {
        cv::Mat turned;
        cv::rotate(result, turned, image.rows == image.cols ? cv::ROTATE_90_CLOCKWISE : cv::ROTATE_180);
        result = turned;
    }
    if (!random.happens(strengths.affine)) return result;
    float width = static_cast<float>(image.cols), height = static_cast<float>(image.rows);
    cv::Point2f middle((width - 1) / 2, (height - 1) / 2);
    float angle = random.around(strengths.rotationDegrees);
    float scale = random.between(strengths.minimumScale, strengths.maximumScale);
    cv::Mat map = cv::getRotationMatrix2D(middle, angle, scale);
    map.at<double>(0, 2) += random.around(strengths.shiftFraction) * width;
    map.at<double>(1, 2) += random.around(strengths.shiftFraction) * height;
    if (strengths.stretch > 0) {
        // Over the middle, before the turn: round cells become ovals that lie in any direction.
        const double wide = std::exp(random.around(strengths.stretch) / 2);
        const cv::Matx23d shape(wide, 0, (1 - wide) * middle.x, 0, 1 / wide, (1 - 1 / wide) * middle.y);
        cv::Matx33d after = cv::Matx33d::eye();
        for (int row = 0; row < 2; row++)
            for (int column = 0; column < 3; column++) after(row, column) = map.at<double>(row, column);
        map = cv::Mat(after.get_minor<2, 3>(0, 0) * cv::Matx33d(shape(0, 0), shape(0, 1), shape(0, 2), shape(1, 0),
                                                                shape(1, 1), shape(1, 2), 0, 0, 1));
    }
    cv::Mat warped;
    cv::warpAffine(result, warped, map, result.size(), cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
    return warped;
}

namespace {

void blurOrSharpen(cv::Mat &image, const CVAugmentation &strengths, Random &random) {
    bool blurs = random.happens(strengths.blur), sharpens = random.happens(strengths.sharpen);
    float share = random.unit();
    if (blurs && strengths.blurDeviation > 0) {
        double deviation = 0.3 + share * std::max(0.f, strengths.blurDeviation - 0.3f);
        cv::GaussianBlur(image, image, cv::Size(), deviation, deviation, cv::BORDER_REFLECT_101);
    } else if (sharpens) {
        cv::Mat smooth;
        cv::GaussianBlur(image, smooth, cv::Size(), 1.0, 1.0, cv::BORDER_REFLECT_101);
        double amount = share * strengths.sharpenAmount;
        cv::addWeighted(image, 1 + amount, smooth, -amount, 0, image);
    }
}

/// 4,096 values of a normal distribution in 1,024ths of the standard deviation, drawn once with a fixed seed:
/// picking from it is far cheaper than drawing 150,000 normals an image, and adds no visible structure.
const std::vector<int16_t> &normalTable() {
    static const std::vector<int16_t> table = [] {
        std::vector<int16_t> values(4096);
        Random random(20080, 0);
        for (auto &value : values) value = static_cast<int16_t>(std::lround(random.normal() * 1024));
        return values;
    }();
    return table;
}

void addNoise(cv::Mat &image, float deviation, Random &random) {
    const int16_t *table = normalTable().data();
    int scale = static_cast<int>(std::lround(deviation * 255 * 64));
    auto vary = [&](uint8_t &value, uint64_t bits) {
        int varied = value + ((table[bits & 4095] * scale + (1 << 15)) >> 16);
        value = static_cast<uint8_t>(std::min(255, std::max(0, varied)));
    };
    uint8_t *values = image.data;
    size_t count = image.total() * 3, at = 0;
    for (; at + 5 <= count; at += 5) {
        uint64_t bits = random.next();
        for (int lane = 0; lane < 5; lane++) vary(values[at + lane], bits >> (12 * lane));
    }
    for (; at < count; at++) vary(values[at], random.next());
}

void recompress(cv::Mat &image, int quality) {
    // Red and blue stay swapped both ways: the loss is much the same, and two copies are saved.
    std::vector<uchar> bytes;
    if (!cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, quality}))
        throw std::runtime_error("the varied image cannot be compressed");
    cv::imdecode(bytes, cv::IMREAD_COLOR, &image);
}

}  // namespace

void varyQuality(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed) {
    Random random(seed, qualityStream);
    blurOrSharpen(image, strengths, random);
    bool noisy = random.happens(strengths.noise), compressed = random.happens(strengths.jpeg);
    float deviation = random.unit() * strengths.noiseDeviation;
    int quality = static_cast<int>(std::lround(random.between(strengths.minimumQuality, strengths.maximumQuality)));
    if (noisy) addNoise(image, deviation, random);
    if (compressed) recompress(image, quality);
}

void erase(cv::Mat &image, const CVAugmentation &strengths, uint64_t seed) {
    Random random(seed, erasingStream);
    if (!random.happens(strengths.erasing)) return;
    float area = random.between(strengths.minimumArea, strengths.maximumArea);
    float aspect = std::exp(random.around(std::log(2.5f)));
    int width = std::min(image.cols, std::max(1, static_cast<int>(image.cols * std::sqrt(area * aspect))));
    int height = std::min(image.rows, std::max(1, static_cast<int>(image.rows * std::sqrt(area / aspect))));
    int left = random.below(image.cols - width + 1), top = random.below(image.rows - height + 1);
    cv::Scalar colour(random.below(256), random.below(256), random.below(256));
    image(cv::Rect(left, top, width, height)).setTo(colour);
}

}  // namespace cvision

extern "C" CSStatus cv_augment(const uint8_t *pixels, int width, int height, const CVAugmentation *augmentation,
                               uint64_t seed, uint8_t *output, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat image = cvision::variedGeometry(cvision::view(pixels, width, height), *augmentation, seed);
        if (image.data == pixels) image = image.clone();
        cvision::varyColour(image, *augmentation, seed);
        cvision::varyQuality(image, *augmentation, seed);
        cvision::erase(image, *augmentation, seed);
        cvision::store(image, output, width, height);
    });
}
