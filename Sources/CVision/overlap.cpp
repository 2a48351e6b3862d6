#include "cv_overlap.h"

#include <algorithm>
#include <climits>
#include <complex>
#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "pixels.hpp"

namespace {

using Complex = std::complex<double>;

/// The longer side at which places are looked for. Smaller than most images: what a place must not be is noise.
constexpr int side = 192, values = 2 * CVOverlapBytes;

/// The nearest descriptor must be nearer than so much of the second nearest (Lowe 2004, section 7.1).
constexpr double distinct = 0.85;
/// How near places must come that agree, and how far apart two that settle a position, in parts of the longer side.
constexpr double tolerance = 0.012, apart = 0.08;
constexpr double largestScale = 3;
/// Side at which correlation is first looked at, and what it has to be there to be measured.
constexpr int glance = 32;
constexpr float plausible = 0.5f;
/// Positions that are tried at most: those of the most distinct pairs.
constexpr size_t tried = 120;

cv::Mat reduced(const cv::Mat &grey, int longer) {
    double scale = double(longer) / std::max(grey.cols, grey.rows);
    cv::Size size(std::max(1, cvRound(grey.cols * scale)), std::max(1, cvRound(grey.rows * scale)));
    cv::Mat result;
    cv::resize(grey, result, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return result;
}

/// Descriptors as whole numbers, whose products the processor sums eight at a time.
struct Descriptors {
    int places;
    /// `[places, 128]`, 0 to 15.
    std::vector<int16_t> numbers;
    /// The square of each one's length.
    std::vector<int> squares;

    Descriptors(const uint8_t *packed, int places) : places(places), numbers(size_t(places) * values), squares(places) {
        for (size_t byte = 0; byte < size_t(places) * CVOverlapBytes; byte++) {
            numbers[2 * byte] = packed[byte] >> 4;
            numbers[2 * byte + 1] = packed[byte] & 15;
        }
        for (int place = 0; place < places; place++) squares[place] = product(row(place), row(place));
    }

    const int16_t *row(int place) const { return numbers.data() + size_t(place) * values; }

    static int product(const int16_t *first, const int16_t *second) {
        cv::v_int32x4 sum = cv::v_setzero_s32();
        for (int index = 0; index < values; index += cv::v_int16x8::nlanes)
            sum += cv::v_dotprod(cv::v_load(first + index), cv::v_load(second + index));
        return cv::v_reduce_sum(sum);
    }
};

struct Pair {
    Complex from, to;
    double ratio;
};

/// Each place of the first with the nearest of the second, where no other is nearly as near.
std::vector<Pair> pairs(const Descriptors &first, const float *firstPlaces, const Descriptors &second,
                        const float *secondPlaces) {
    std::vector<Pair> found;
    for (int place = 0; place < first.places; place++) {
        const int16_t *row = first.row(place);
        int nearest = 0, least = INT_MAX, next = INT_MAX;
        for (int other = 0; other < second.places; other++) {
            int square = first.squares[place] + second.squares[other] - 2 * Descriptors::product(row, second.row(other));
            if (square < least) {
                next = least;
                least = square;
                nearest = other;
            } else if (square < next) {
                next = square;
            }
        }
        if (least >= distinct * distinct * next) continue;
        const float *from = firstPlaces + 2 * place, *to = secondPlaces + 2 * nearest;
        found.push_back({{from[0], from[1]}, {to[0], to[1]}, std::sqrt(double(least) / std::max(next, 1))});
    }
    std::sort(found.begin(), found.end(), [](const Pair &a, const Pair &b) { return a.ratio < b.ratio; });
    return found;
}

/// to = scale * from + shift; the argument of `scale` is the turn.
struct Position {
    Complex scale, shift;
    int agreeing = 0;

    bool fits(const Pair &pair) const {
        // Written out, since the product of two complex numbers looks for infinities.
        double x = scale.real() * pair.from.real() - scale.imag() * pair.from.imag() + shift.real() - pair.to.real();
        double y = scale.real() * pair.from.imag() + scale.imag() * pair.from.real() + shift.imag() - pair.to.imag();
        return x * x + y * y < tolerance * tolerance;
    }
};

/// The position that most pairs agree on, of those that any two of the most distinct pairs give.
Position agreed(const std::vector<Pair> &pairs) {
    Position best;
    size_t count = std::min(pairs.size(), tried);
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++) {
            Complex way = pairs[a].from - pairs[b].from;
            if (std::norm(way) < apart * apart) continue;
            Position position;
            position.scale = (pairs[a].to - pairs[b].to) / way;
            double size = std::norm(position.scale);
            if (size * largestScale * largestScale < 1 || size > largestScale * largestScale) continue;
            position.shift = pairs[a].to - position.scale * pairs[a].from;
            position.agreeing =
                int(std::count_if(pairs.begin(), pairs.end(), [&](const Pair &pair) { return position.fits(pair); }));
            if (position.agreeing > best.agreeing) best = position;
        }
    return best;
}

/// The least-squares position of the pairs that agree.
Position settled(const Position &position, const std::vector<Pair> &pairs) {
    std::vector<Pair> agreeing;
    for (const Pair &pair : pairs)
        if (position.fits(pair)) agreeing.push_back(pair);
    Complex from, to, across;
    double spread = 0;
    for (const Pair &pair : agreeing) {
        from += pair.from / double(agreeing.size());
        to += pair.to / double(agreeing.size());
    }
    for (const Pair &pair : agreeing) {
        across += std::conj(pair.from - from) * (pair.to - to);
        spread += std::norm(pair.from - from);
    }
    if (spread < 1e-9) return position;
    Position result;
    result.scale = across / spread;
    result.shift = to - result.scale * from;
    result.agreeing = int(agreeing.size());
    return result;
}

/// Width and height in parts of the longer side.
cv::Point2f extent(const CVOverlapSize &size) {
    float longer = float(std::max({size.width, size.height, 1}));
    return {size.width / longer, size.height / longer};
}

/// The part of a polygon on one side of a straight line, `inside` positive there (Sutherland and Hodgman 1974).
template <typename Side> std::vector<Complex> clipped(const std::vector<Complex> &polygon, Side inside) {
    std::vector<Complex> result;
    for (size_t corner = 0; corner < polygon.size(); corner++) {
        Complex from = polygon[corner], to = polygon[(corner + 1) % polygon.size()];
        double first = inside(from), second = inside(to);
        if (first >= 0) result.push_back(from);
        if ((first >= 0) != (second >= 0)) result.push_back(from + (to - from) * (first / (first - second)));
    }
    return result;
}

double area(const std::vector<Complex> &polygon) {
    double twice = 0;
    for (size_t corner = 0; corner < polygon.size(); corner++)
        twice += std::imag(std::conj(polygon[corner]) * polygon[(corner + 1) % polygon.size()]);
    return std::abs(twice) / 2;
}

float shareOfSmaller(const Position &position, const CVOverlapSize &firstSize, const CVOverlapSize &secondSize) {
    cv::Point2f first = extent(firstSize), second = extent(secondSize);
    std::vector<Complex> moved;
    for (Complex corner : {Complex(0, 0), Complex(first.x, 0), Complex(first.x, first.y), Complex(0, first.y)})
        moved.push_back(position.scale * corner + position.shift);
    double smaller = std::min(area(moved), double(second.x) * second.y);
    moved = clipped(moved, [](Complex point) { return point.real(); });
    moved = clipped(moved, [](Complex point) { return point.imag(); });
    moved = clipped(moved, [&](Complex point) { return second.x - point.real(); });
    moved = clipped(moved, [&](Complex point) { return second.y - point.imag(); });
    return smaller > 0 ? float(std::clamp(area(moved) / smaller, 0.0, 1.0)) : 0;
}

/// Of grey values where both images lie.
/// - Parameter longer: The longer side of both, in pixels.
float correlation(const Position &position, const cv::Mat &first, const cv::Mat &second, int longer) {
    double a = position.scale.real(), b = position.scale.imag();
    // Both are as long, so only the shift changes its unit; pixels are counted by their middles.
    Complex middle(0.5, 0.5);
    Complex shift = position.shift * double(longer) + position.scale * middle - middle;
    cv::Mat way = (cv::Mat_<double>(2, 3) << a, -b, shift.real(), b, a, shift.imag());
    cv::Mat moved, covered, full(first.size(), CV_8U, cv::Scalar(255));
    cv::warpAffine(first, moved, way, second.size(), cv::INTER_LINEAR);
    cv::warpAffine(full, covered, way, second.size(), cv::INTER_LINEAR);
    cv::Mat mask = covered == 255;
    if (cv::countNonZero(mask) < 60 * longer * longer / (CVOverlapSide * CVOverlapSide)) return 0;
    cv::Mat x, y;
    moved.convertTo(x, CV_32F);
    second.convertTo(y, CV_32F);
    cv::subtract(x, cv::mean(x, mask), x, mask);
    cv::subtract(y, cv::mean(y, mask), y, mask);
    x.setTo(0, ~mask);
    y.setTo(0, ~mask);
    double length = cv::norm(x) * cv::norm(y);
    return length > 1e-3 ? float(x.dot(y) / length) : 0;
}

cv::Mat miniatureView(const CVOverlapSize &size, const uint8_t *miniature) {
    return cv::Mat(size.height, size.width, CV_8U, const_cast<uint8_t *>(miniature));
}

}  // namespace

extern "C" {

CSStatus cv_overlap_describe(const uint8_t *pixels, int width, int height, CVOverlapSize *size, float *places,
                             uint8_t *descriptors, uint8_t *miniature, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat grey, smooth, found;
        cv::cvtColor(cvision::view(pixels, width, height), grey, cv::COLOR_RGB2GRAY);
        cv::GaussianBlur(reduced(grey, side), smooth, cv::Size(), 1);
        std::vector<cv::KeyPoint> points;
        cv::SIFT::create(CVOverlapSought, 3, 0.02)->detectAndCompute(smooth, cv::noArray(), points, found);
        int count = std::min(int(points.size()), int(CVOverlapSought));
        for (int place = 0; place < count; place++) {
            places[2 * place] = points[place].pt.x / side;
            places[2 * place + 1] = points[place].pt.y / side;
            for (int byte = 0; byte < CVOverlapBytes; byte++) {
                auto level = [&](int value) { return std::clamp(int(found.at<float>(place, value)) / 16, 0, 15); };
                descriptors[place * CVOverlapBytes + byte] = uint8_t(level(2 * byte) << 4 | level(2 * byte + 1));
            }
        }
        cv::Mat small = reduced(grey, CVOverlapSide);
        *size = {count, small.cols, small.rows};
        small.copyTo(cv::Mat(small.rows, small.cols, CV_8U, miniature));
    });
}

CSStatus cv_overlap_match(CVOverlapSize firstSize, const float *firstPlaces, const uint8_t *firstDescriptors,
                          const uint8_t *firstMiniature, CVOverlapSize secondSize, const float *secondPlaces,
                          const uint8_t *secondDescriptors, const uint8_t *secondMiniature, CVOverlap *overlap,
                          CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        *overlap = {0, 0, 0};
        if (firstSize.places < 2 || secondSize.places < 2) return;
        std::vector<Pair> found = pairs(Descriptors(firstDescriptors, firstSize.places), firstPlaces,
                                        Descriptors(secondDescriptors, secondSize.places), secondPlaces);
        Position position = agreed(found);
        if (position.agreeing < 3) return;
        position = settled(position, found);
        overlap->agreeing = position.agreeing;
        overlap->share = shareOfSmaller(position, firstSize, secondSize);
        cv::Mat one = miniatureView(firstSize, firstMiniature), other = miniatureView(secondSize, secondMiniature);
        // A look at a quarter of the size tells most pictures of different fields apart.
        overlap->correlation = correlation(position, reduced(one, glance), reduced(other, glance), glance);
        if (overlap->correlation < plausible) return;
        overlap->correlation = correlation(position, one, other, CVOverlapSide);
    });
}
}
