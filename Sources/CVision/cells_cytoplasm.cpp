#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "cells.hpp"

namespace cvision {

namespace {

/// How far from its nucleus a cell may reach, in radii of the nucleus as a disc of its area.
constexpr double reachInRadii = 1.2;

/// Tissue: not the colour of glass. Where red cells lie away from every nucleus, their colour is left out too: tissue
/// must be a tenth of the way from them to the nuclei at least, in a and b.
cv::Mat cytoplasm(const SmearColours &colours, const cv::Mat &nuclei, const cv::Mat &isFar) {
    cv::Mat tissue = colours.distance > 9;
    const cv::Mat red = isFar & (colours.distance > 12);
    if (cv::countNonZero(red) < 0.01 * static_cast<double>(red.total())) return tissue;
    const float redA = quantile(colours.lab[1], red, 0.5), redB = quantile(colours.lab[2], red, 0.5);
    const float a = quantile(colours.lab[1], nuclei, 0.5) - redA, b = quantile(colours.lab[2], nuclei, 0.5) - redB;
    const float length = std::max(a * a + b * b, 1.0f);
    for (int y = 0; y < tissue.rows; ++y)
        for (int x = 0; x < tissue.cols; ++x) {
            const float along = (colours.lab[1].at<uchar>(y, x) - redA) * a + (colours.lab[2].at<uchar>(y, x) - redB) * b;
            if (along < 0.12f * length) tissue.at<uchar>(y, x) = 0;
        }
    return tissue;
}

/// Opening with a disc, by distances: the time does not depend on the radius. Regions are opened one by one, since no disc
/// in one of them reaches another.
cv::Mat opened(const cv::Mat &mask, double radius) {
    cv::Mat numbers, boxes, unused, inner, outer, result = cv::Mat::zeros(mask.size(), CV_8U);
    const int count = cv::connectedComponentsWithStats(mask, numbers, boxes, unused, 8, CV_32S);
    for (int number = 1; number < count; ++number) {
        const int *box = boxes.ptr<int>(number);
        const cv::Rect place = grown(cv::Rect(box[cv::CC_STAT_LEFT], box[cv::CC_STAT_TOP], box[cv::CC_STAT_WIDTH],
                                              box[cv::CC_STAT_HEIGHT]), 1, mask.size());
        const cv::Mat region = numbers(place) == number;
        cv::distanceTransform(region, inner, cv::DIST_L2, cv::DIST_MASK_5);
        const cv::Mat outside = inner <= radius;
        if (cv::countNonZero(outside) == static_cast<int>(outside.total())) continue;
        cv::distanceTransform(outside, outer, cv::DIST_L2, cv::DIST_MASK_5);
        result(place).setTo(255, region & (outer <= radius));
    }
    return result;
}

}  // namespace

cv::Mat findCells(const SmearColours &colours, const NucleusLabels &nuclei) {
    cv::Mat distance;
    const cv::Mat nearest = nearestLabels(nuclei.labels, distance), isNucleus = nuclei.labels > 0;
    std::vector<double> areas(nuclei.count + 1, 0), radii;
    for (int y = 0; y < nearest.rows; ++y)
        for (int x = 0; x < nearest.cols; ++x) areas[nuclei.labels.at<int>(y, x)] += 1;
    for (size_t i = 1; i < areas.size(); ++i) radii.push_back(std::sqrt(areas[i] / CV_PI));
    cv::Mat isFar(nearest.size(), CV_8U);
    for (int y = 0; y < nearest.rows; ++y)
        for (int x = 0; x < nearest.cols; ++x) {
            const int label = nearest.at<int>(y, x);
            const bool within = label > 0 && distance.at<float>(y, x) <= reachInRadii * radii[label - 1];
            isFar.at<uchar>(y, x) = within ? 0 : 255;
        }
    cv::Mat mask = (cytoplasm(colours, isNucleus, isFar) & ~isFar) | isNucleus;
    const int side = odd(11, mask.size());
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(side, side)));
    std::nth_element(radii.begin(), radii.begin() + radii.size() / 2, radii.end());
    mask = opened(mask, std::max(3.0 * pixel(mask.size()), 0.3 * radii[radii.size() / 2])) | isNucleus;
    cv::Mat cells = cv::Mat::zeros(nearest.size(), CV_32S);
    nearest.copyTo(cells, mask);
    return cells;
}

}  // namespace cvision
