#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "cells.hpp"

namespace cvision {

namespace {

/// A region that may be one nucleus or several, as a mask of its bounding rectangle.
struct Region {
    std::vector<cv::Point> outline;
    cv::Rect place;
    cv::Mat mask;
    double area = 0, strength = 0, solidity = 0;

    Region(const std::vector<cv::Point> &contour, double area, double solidity)
        : outline(contour), place(cv::boundingRect(contour)), mask(cv::Mat::zeros(place.size(), CV_8U)), area(area),
          solidity(solidity) {
        const std::vector<std::vector<cv::Point>> contours{contour};
        cv::drawContours(mask, contours, 0, cv::Scalar(255), cv::FILLED, cv::LINE_8, cv::noArray(), INT_MAX,
                         -place.tl());
    }
};

/// A disc seven pixels wide.
cv::Mat disc(cv::Size image) {
    return cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(odd(7, image), odd(7, image)));
}

/// Regions of a mask between a thousandth of the image and all of it, and of a shape that cells may have.
std::vector<Region> regions(const cv::Mat &mask, const cv::Mat &purple) {
    std::vector<std::vector<cv::Point>> contours, hull(1);
    cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    std::vector<Region> found;
    for (const auto &contour : contours) {
        const double area = cv::contourArea(contour);
        if (area < 0.0012 * static_cast<double>(mask.total())) continue;
        cv::convexHull(contour, hull[0]);
        const double solidity = area / std::max(cv::contourArea(hull[0]), 1.0);
        if (solidity < 0.6) continue;
        found.emplace_back(contour, area, solidity);
        found.back().strength = cv::mean(purple(found.back().place), found.back().mask)[0];
    }
    return found;
}

/// Drops what is much paler than the strongest region of usual size, or much smaller than usual.
std::vector<Region> selected(std::vector<Region> found) {
    if (found.empty()) return found;
    std::vector<double> areas;
    for (const Region &region : found) areas.push_back(region.area);
    std::nth_element(areas.begin(), areas.begin() + areas.size() / 2, areas.end());
    const double usual = areas[areas.size() / 2];
    double strongest = 0;
    for (const Region &region : found)
        if (region.area >= 0.3 * usual) strongest = std::max(strongest, region.strength);
    std::erase_if(found, [&](const Region &region) {
        return region.strength < 0.6 * strongest || region.area < 0.2 * usual;
    });
    return found;
}

/// Takes the paler cytoplasm off a region, where it stands out: Otsu on the missing green, smoothed over chromatin.
void removeCytoplasm(Region &region, const cv::Mat &rgb) {
    cv::Mat green, weight, dark, inner;
    cv::extractChannel(rgb(region.place), green, 1);
    const double deviation = std::max(1.0, 0.05 * std::sqrt(region.area));
    region.mask.convertTo(weight, CV_32F, 1.0 / 255);
    cv::Mat(255 - green).convertTo(dark, CV_32F);
    dark = dark.mul(weight);
    cv::GaussianBlur(weight, weight, cv::Size(), deviation);
    cv::GaussianBlur(dark, dark, cv::Size(), deviation);
    cv::divide(dark, cv::max(weight, 1e-3f), dark);
    dark.convertTo(dark, CV_8U);
    cv::erode(region.mask, inner, disc(rgb.size()), cv::Point(-1, -1), 1, cv::BORDER_CONSTANT, cv::Scalar(0));
    if (cv::countNonZero(inner) < 100 * pixel(rgb.size()) * pixel(rgb.size())) return;
    const Division division = divide(dark, inner);
    if (division.separability > 0.7 && division.upperMean - division.lowerMean > 28 && division.lowerShare > 0.12)
        region.mask &= dark > division.threshold;
}

/// The smoothed distance of each pixel of the regions to their border. Regions are taken one by one: between two there is
/// always a pixel of neither, so the nearest one outside lies in a region's own surroundings.
cv::Mat distanceInside(const cv::Mat &kept, const std::vector<Region> &regions) {
    const int side = odd(5, kept.size());
    cv::Mat sharp = cv::Mat::zeros(kept.size(), CV_32F), smooth = sharp.clone(), distance;
    for (const Region &region : regions) {
        const cv::Rect place = grown(region.place, 1, kept.size());
        cv::distanceTransform(kept(place), distance, cv::DIST_L2, cv::DIST_MASK_5);
        distance(region.place - place.tl()).copyTo(sharp(region.place), region.mask);
    }
    for (const Region &region : regions)
        cv::GaussianBlur(sharp(region.place), smooth(region.place), cv::Size(side, side), 0);
    return smooth;
}

/// Marks the middle of each nucleus of a dented region: peaks of the distance to the border.
int markCores(const Region &region, const cv::Mat &distance, cv::Mat &cores, int count) {
    cv::Mat inside = cv::Mat::zeros(region.place.size(), CV_32F), highest;
    distance(region.place).copyTo(inside, region.mask);
    double peak = 0;
    cv::minMaxLoc(inside, nullptr, &peak);
    if (region.solidity < 0.92) {
        const int reach = std::max(3, static_cast<int>(peak * 0.8));
        cv::dilate(inside, highest, cv::Mat::ones(2 * reach + 1, 2 * reach + 1, CV_8U));
        cv::Mat peaks = (inside >= highest - 0.5) & (inside > 0.5 * peak), numbers;
        const int parts = cv::connectedComponents(peaks, numbers, 8, CV_32S) - 1;
        if (parts > 1 && parts <= 12) {
            for (int part = 1; part <= parts; ++part) cores(region.place).setTo(count + part, numbers == part);
            return parts;
        }
    }
    cores(region.place).setTo(count + 1, region.mask);
    return 1;
}

}  // namespace

cv::Mat nearestLabels(const cv::Mat &labels, cv::Mat &distance) {
    cv::Mat nearest, result(labels.size(), CV_32S);
    cv::distanceTransform(labels == 0, distance, nearest, cv::DIST_L2, cv::DIST_MASK_5, cv::DIST_LABEL_PIXEL);
    std::vector<int> number(labels.total() + 2, 0);
    for (int y = 0; y < labels.rows; ++y)
        for (int x = 0; x < labels.cols; ++x)
            if (const int label = labels.at<int>(y, x)) number[nearest.at<int>(y, x)] = label;
    for (int y = 0; y < labels.rows; ++y)
        for (int x = 0; x < labels.cols; ++x) result.at<int>(y, x) = number[nearest.at<int>(y, x)];
    return result;
}

NucleusLabels findNuclei(const cv::Mat &rgb, const SmearColours &colours, int maximum) {
    // Of an even field Otsu makes two halves all the same; a stained nucleus stands out by 36 of 255 at least.
    cv::Mat mask = colours.purple > std::max(divide(colours.purple, cv::Mat()).threshold, 36);
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, disc(rgb.size()));
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, disc(rgb.size()));
    std::vector<Region> stained = selected(regions(mask, colours.purple));
    mask.setTo(0);
    for (Region &region : stained) {
        removeCytoplasm(region, rgb);
        mask(region.place).setTo(255, region.mask);
    }
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, disc(rgb.size()));
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, disc(rgb.size()));
    std::vector<Region> nuclei = selected(regions(mask, colours.purple));
    std::sort(nuclei.begin(), nuclei.end(), [](const Region &a, const Region &b) { return a.area > b.area; });
    cv::Mat kept = cv::Mat::zeros(rgb.size(), CV_8U), cores = cv::Mat::zeros(rgb.size(), CV_32S), unused;
    for (const Region &region : nuclei) kept(region.place).setTo(255, region.mask);
    const cv::Mat distance = distanceInside(kept, nuclei);
    NucleusLabels result;
    for (const Region &region : nuclei) {
        if (result.count >= maximum) {
            kept(region.place).setTo(0, region.mask);
            continue;
        }
        const int parts = markCores(region, distance, cores, result.count);
        result.count += parts;
        result.isDivided.insert(result.isDivided.end(), parts, parts > 1);
    }
    result.labels = cv::Mat::zeros(rgb.size(), CV_32S);
    const bool anyDivided = std::find(result.isDivided.begin(), result.isDivided.end(), 1) != result.isDivided.end();
    if (result.count > 0) (anyDivided ? nearestLabels(cores, unused) : cores).copyTo(result.labels, kept);
    return result;
}

}  // namespace cvision
