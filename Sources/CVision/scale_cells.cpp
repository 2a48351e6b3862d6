#include <algorithm>
#include <cmath>
#include <tuple>

#include "scale.hpp"

namespace cvision {

namespace {

/// Azure-stained nuclei take away green light above all; red cells blue and green light alike, or all colours.
bool hasColourOfNuclei(const cv::Vec3f &colour) {
    return colour[1] > 0.12f * static_cast<float>(densityUnit) && colour[0] < 0.92f * colour[1] &&
           colour[2] < 0.38f * colour[1];
}

/// Two means (Lloyd 1982), from a pale and a dark start.
struct Kinds {
    cv::Vec3f pale, dark;
    std::vector<char> isDark;
    /// Root mean square distance from the own mean.
    double width = 0;

    explicit Kinds(const std::vector<cv::Vec3f> &colours) : isDark(colours.size()) {
        std::vector<cv::Vec3f> sorted = colours;
        std::sort(sorted.begin(), sorted.end(), [](const cv::Vec3f &a, const cv::Vec3f &b) {
            return std::tie(a[1], a[0], a[2]) < std::tie(b[1], b[0], b[2]);
        });
        pale = sorted[sorted.size() / 8];
        dark = sorted[sorted.size() - 1 - sorted.size() / 16];
        for (int round = 0; round < 12; ++round) {
            cv::Vec3d sums[2] = {};
            double counts[2] = {}, squares = 0;
            for (size_t i = 0; i < colours.size(); ++i) {
                const double toPale = cv::norm(colours[i] - pale), toDark = cv::norm(colours[i] - dark);
                isDark[i] = toDark < toPale;
                squares += std::pow(std::min(toPale, toDark), 2);
                sums[static_cast<int>(isDark[i])] += cv::Vec3d(colours[i]);
                counts[static_cast<int>(isDark[i])] += 1;
            }
            width = std::sqrt(squares / static_cast<double>(colours.size()));
            if (counts[0] > 0) pale = sums[0] / counts[0];
            if (counts[1] > 0) dark = sums[1] / counts[1];
        }
    }

    bool standApart() const {
        const double distance = cv::norm(dark - pale);
        return distance > 2.2 * width && distance > 14 && dark[1] - pale[1] > 10 && dark[1] > 1.3f * pale[1];
    }
};

}  // namespace

void markWhiteCells(std::vector<RoundCell> &cells, const StainDensity &stain) {
    std::vector<cv::Vec3f> colours;
    for (RoundCell &cell : cells) {
        colours.push_back(stain.colour(cell.middle, cell.radius));
        cell.isWhite = hasColourOfNuclei(colours.back());
    }
    if (cells.size() < 6) return;
    const Kinds kinds(colours);
    if (!kinds.standApart()) return;
    for (size_t i = 0; i < cells.size(); ++i) cells[i].isWhite |= kinds.isDark[i] != 0;
}

UsualDiameter usualDiameter(const std::vector<RoundCell> &cells) {
    /// Widths in logarithms: of one kernel, and how far a cell may be from the usual size.
    constexpr double kernel = 0.1, reach = 0.32;
    std::vector<std::pair<double, double>> sizes;
    for (const RoundCell &cell : cells)
        if (!cell.isWhite) sizes.push_back({std::log(cell.diameter), cell.diameter * cell.coverage * cell.coverage});
    if (sizes.empty()) return {};
    std::sort(sizes.begin(), sizes.end());
    double usual = 0, most = -1;
    for (const auto &[place, own] : sizes) {
        double height = 0;
        for (const auto &[other, weight] : sizes) {
            const double away = (other - place) / kernel;
            if (std::abs(away) < 3) height += weight * std::exp(-away * away / 2);
        }
        if (height > most) { most = height; usual = place; }
    }
    UsualDiameter result;
    for (int round = 0; round < 3; ++round) {
        std::vector<double> near;
        for (const auto &[size, weight] : sizes)
            if (std::abs(size - usual) < reach) near.push_back(size);
        usual = near[near.size() / 2];
        result = {std::exp(usual), near[near.size() * 3 / 4] - near[near.size() / 4], static_cast<int>(near.size())};
    }
    std::vector<float> seen;
    for (const RoundCell &cell : cells)
        if (!cell.isWhite && std::abs(std::log(cell.diameter) - usual) < reach) seen.push_back(cell.coverage);
    const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
    std::nth_element(seen.begin(), middle, seen.end());
    result.coverage = seen.empty() ? 0 : *middle;
    return result;
}

}  // namespace cvision
