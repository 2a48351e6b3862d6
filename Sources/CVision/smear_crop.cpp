#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "pixels.hpp"
#include "random.hpp"
#include "smear.hpp"

namespace {

/// Moves a square of the smear's numbers or of the image into a patch around the middle of a cell.
cv::Mat cut(const cv::Mat &image, double x, double y, double pixelsPerRedCell, int interpolation, int border) {
    const double step = pixelsPerRedCell / cvision::patchPixels, half = (CVPatchSide - 1) / 2.0;
    const cv::Matx23d map(step, 0, x - 0.5 - half * step, 0, step, y - 0.5 - half * step);
    cv::Mat result;
    cv::warpAffine(image, result, map, cv::Size(CVPatchSide, CVPatchSide), interpolation | cv::WARP_INVERSE_MAP, border,
                   cv::Scalar::all(0));
    return result;
}

}  // namespace

extern "C" {

CSStatus cv_smear_patch(const CVSmear *smear, size_t cell, uint8_t *patch, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        if (cell >= smear->list.size()) throw std::invalid_argument("there is no such cell");
        const CVWhiteCell &found = smear->list[cell];
        const double reach = 3.2 * smear->redCellPixels;
        const cv::Rect whole(0, 0, smear->image.cols, smear->image.rows);
        const int left = static_cast<int>(found.centerX - reach), top = static_cast<int>(found.centerY - reach);
        const int extent = static_cast<int>(2 * reach) + 2;
        const cv::Rect place = cv::Rect(left, top, extent, extent) & whole;
        cv::Mat region = smear->image(place);
        double pixels = smear->redCellPixels, x = found.centerX - place.x, y = found.centerY - place.y;
        const double shrink = cvision::patchPixels / pixels;
        if (shrink < 0.8) {
            cv::Mat small;
            cv::resize(region, small, cv::Size(std::max(1, cvRound(region.cols * shrink)),
                                               std::max(1, cvRound(region.rows * shrink))), 0, 0, cv::INTER_AREA);
            x *= static_cast<double>(small.cols) / region.cols;
            y *= static_cast<double>(small.rows) / region.rows;
            pixels = cvision::patchPixels;
            region = small;
        }
        const cv::Mat colours = cut(region, x, y, pixels, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
        const std::vector<cv::Mat> density = cvision::opticalDensity(colours, smear->glass);
        cv::Mat grey = 0.35 * density[0] + 0.5 * density[1] + 0.15 * density[2];
        grey.convertTo(cv::Mat(CVPatchSide, CVPatchSide, CV_8U, patch), CV_8U, 127.5);
        const int label = smear->labels[cell];
        const double toSmear = static_cast<double>(smear->inner.width) / smear->image.cols;
        const double toSmearY = static_cast<double>(smear->inner.height) / smear->image.rows;
        const cv::Mat both[2] = {smear->cells == label, smear->nuclei == label};
        cv::Mat place8(CVPatchSide, CVPatchSide, CV_8U, patch + CVPatchSide * CVPatchSide);
        place8.setTo(0);
        for (int i = 0; i < 2; ++i) {
            const cv::Mat soft = cut(both[i], found.centerX * toSmear, found.centerY * toSmearY,
                                     cvision::smearPixels, cv::INTER_LINEAR, cv::BORDER_CONSTANT);
            place8.setTo(i + 1, soft > 127);
        }
    });
}

CSStatus cv_crop(const uint8_t *patch, const CVCropVariation *v, float *crop, CSError *error) {
    return cstatus::guardedOpenCV(error, [&] {
        cv::Mat grey, nucleus, cell;
        const cv::Mat bytes(CVPatchSide, CVPatchSide, CV_8U, const_cast<uint8_t *>(patch));
        const cv::Mat places(CVPatchSide, CVPatchSide, CV_8U, const_cast<uint8_t *>(patch) + CVPatchSide * CVPatchSide);
        bytes.convertTo(grey, CV_32F, 2 / 255.0);
        nucleus = places == 2;
        cell = places >= 1;
        if (v->maskGrowth != 0) {
            const int width = 2 * std::abs(v->maskGrowth) + 1;
            const cv::Mat element = cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(width, width));
            for (cv::Mat *mask : {&nucleus, &cell})
                if (v->maskGrowth > 0) cv::dilate(*mask, *mask, element); else cv::erode(*mask, *mask, element);
        }
        const double step = cvision::patchPixels / (cvision::smearPixels * v->magnification);
        if (step > 1.1) cv::GaussianBlur(grey, grey, cv::Size(), 0.45 * std::sqrt(step * step - 1));
        const double c = std::cos(v->angle) * step, s = std::sin(v->angle) * step, mirror = v->isMirrored ? -1 : 1;
        const double wide = std::sqrt(v->stretch), half = (CVCropSide - 1) / 2.0, middle = (CVPatchSide - 1) / 2.0;
        const double a = c * mirror / wide, b = -s * wide, d = s * mirror / wide, e = c * wide;
        const cv::Matx23d map(a, b, middle - a * (half + v->shiftX) - b * (half + v->shiftY),
                              d, e, middle - d * (half + v->shiftX) - e * (half + v->shiftY));
        auto moved = [&](const cv::Mat &from) {
            cv::Mat result;
            cv::warpAffine(from, result, map, cv::Size(CVCropSide, CVCropSide), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                           cv::BORDER_CONSTANT, cv::Scalar::all(0));
            return result;
        };
        grey = moved(grey);
        nucleus = moved(nucleus);
        cell = moved(cell);
        nucleus.convertTo(nucleus, CV_32F, 1 / 255.0);
        cell.convertTo(cell, CV_32F, 1 / 255.0);
        cell = cv::max(cell, nucleus);
        if (v->blur > 0.3) cv::GaussianBlur(grey, grey, cv::Size(), v->blur);
        const double area = std::max(cv::sum(nucleus)[0], 1.0);
        const double mean = std::max(cv::sum(grey.mul(nucleus))[0] / area, 0.02);
        grey = cv::max(grey / mean, 1e-4f);
        if (v->gamma != 1) cv::pow(grey, v->gamma, grey);
        if (v->noise > 0) {
            cvision::Random random(v->seed, 1);
            for (float &value : cv::Mat_<float>(grey)) value += static_cast<float>(v->noise) * random.normal();
        }
        grey = cv::min(grey, 2.5f).mul(cell);
        const size_t count = CVCropSide * CVCropSide;
        const cv::Mat place = 0.5 * (nucleus + cell);
        std::copy_n(grey.ptr<float>(), count, crop);
        std::copy_n(place.ptr<float>(), count, crop + count);
    });
}
}
