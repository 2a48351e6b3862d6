#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "drawn.hpp"

namespace cvision {

namespace {

/// Beer and Lambert: light through a stain of density d keeps the share e^-d.
cv::Mat3f lit(const Densities &field, const FieldConditions &conditions) {
    int side = field.cols;
    cv::Mat3f light(side, side);
    float across = std::cos(conditions.gradientAngle), down = std::sin(conditions.gradientAngle);
    for (int row = 0; row < side; row++) {
        float y = 2 * static_cast<float>(row) / static_cast<float>(side) - 1;
        for (int column = 0; column < side; column++) {
            float x = 2 * static_cast<float>(column) / static_cast<float>(side) - 1;
            float corner = conditions.vignette * (x * x + y * y) / 2;
            float lamp = 1 + 0.5f * conditions.gradient * (x * across + y * down) - corner;
            const cv::Vec3f &density = field(row, column);
            for (int channel = 0; channel < 3; channel++)
                light(row, column)[channel] = lamp * conditions.background[channel] * std::exp(-density[channel]);
        }
    }
    return light;
}

/// Scale bars as microscope software burns them in: a box or none, black or red, in the lower right corner.
void burnScaleBar(cv::Mat &image, int style, Random &random) {
    static const char *const texts[] = {"100 px", "10 um", "200 px", "20 um", "50 um"};
    const char *text = texts[random.below(5)];
    if (style == 0) return;
    float unit = static_cast<float>(image.cols) / 224;
    bool boxed = style <= 2, large = style == 2 || style == 4;
    cv::Scalar ink = style >= 3 ? cv::Scalar(210, 30, 40) : cv::Scalar(10, 10, 10);
    int width = static_cast<int>(unit * (large ? 34 : 26)), height = static_cast<int>(unit * (large ? 17 : 12));
    cv::Point corner(image.cols - width - static_cast<int>(unit * 2), image.rows - height - static_cast<int>(unit * 2));
    if (boxed) cv::rectangle(image, cv::Rect(corner, cv::Size(width, height)), cv::Scalar::all(255), cv::FILLED);
    int inset = std::max(1, static_cast<int>(unit * 2)), line = corner.y + height - inset;
    cv::line(image, {corner.x + inset, line}, {corner.x + width - inset, line}, ink, large ? 2 : 1, cv::LINE_AA);
    double size = unit * (large ? 0.28 : 0.21);
    cv::putText(image, text, {corner.x + inset, line - inset}, cv::FONT_HERSHEY_SIMPLEX, size, ink, 1, cv::LINE_AA);
}

}  // namespace

cv::Mat photograph(const Densities &field, const FieldConditions &conditions, Random &random) {
    cv::Mat3f light = lit(field, conditions);
    cv::GaussianBlur(light, light, cv::Size(), conditions.blur, conditions.blur, cv::BORDER_REFLECT_101);
    float amplitude = conditions.noise * 1.7320508f;
    cv::Mat image(light.rows, light.cols, CV_8UC3);
    auto value = image.begin<cv::Vec3b>();
    for (const cv::Vec3f &pixel : light) {
        // Two uniform draws make a triangular noise of the wanted standard deviation, close enough to a sensor's.
        uint64_t bits = random.next();
        for (int channel = 0; channel < 3; channel++) {
            float first = static_cast<float>(bits >> (20 * channel) & 1023) / 1023;
            float second = static_cast<float>(bits >> (20 * channel + 10) & 1023) / 1023;
            float noisy = pixel[channel] + amplitude * 1.4142136f * (first + second - 1);
            (*value)[channel] = cv::saturate_cast<uchar>(255 * noisy);
        }
        ++value;
    }
    burnScaleBar(image, conditions.bar, random);
    if (conditions.quality > 0) {
        std::vector<uchar> bytes;
        if (!cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, conditions.quality}))
            throw std::runtime_error("the drawn image cannot be compressed");
        cv::imdecode(bytes, cv::IMREAD_COLOR, &image);
    }
    return image;
}

}  // namespace cvision
