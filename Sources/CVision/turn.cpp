#include "turn.hpp"

#include <cstdlib>
#include <opencv2/core.hpp>

namespace cvision {

Turn upright(const cv::Mat &rgb) {
    int64_t toRight = 0, toBottom = 0;
    for (int y = 0; y < rgb.rows; ++y) {
        const cv::Vec3b *row = rgb.ptr<cv::Vec3b>(y);
        int64_t sum = 0;
        for (int x = 0; x < rgb.cols; ++x) {
            const int light = row[x][0] + row[x][1] + row[x][2];
            sum += light;
            toRight += static_cast<int64_t>(2 * x + 1 - rgb.cols) * light;
        }
        toBottom += (2 * y + 1 - rgb.rows) * sum;
    }
    Turn turn{false, toRight < 0, toBottom < 0};
    turn.isTransposed = rgb.rows > rgb.cols || (rgb.rows == rgb.cols && std::abs(toBottom) > std::abs(toRight));
    return turn;
}

cv::Rect origin(cv::Rect part, cv::Size image, const Turn &turn) {
    if (turn.isTransposed) part = cv::Rect(part.y, part.x, part.height, part.width);
    if (turn.isMirrored) part.x = image.width - part.x - part.width;
    if (turn.isUpsideDown) part.y = image.height - part.y - part.height;
    return part;
}

cv::Mat turned(const cv::Mat &part, const Turn &turn) {
    cv::Mat result = part.clone();
    if (turn.isMirrored) cv::flip(result, result, 1);
    if (turn.isUpsideDown) cv::flip(result, result, 0);
    if (turn.isTransposed) cv::transpose(result, result);
    return result;
}

cv::Mat turnedBack(const cv::Mat &part, const Turn &turn) {
    cv::Mat result = part.clone();
    if (turn.isTransposed) cv::transpose(result, result);
    if (turn.isUpsideDown) cv::flip(result, result, 0);
    if (turn.isMirrored) cv::flip(result, result, 1);
    return result;
}

}  // namespace cvision
