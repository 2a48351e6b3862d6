#pragma once

#include <algorithm>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace cvision {

/// Reduces an image by area while its rows come in; the samples are to the bit those of `cv::resize` with `INTER_AREA`
/// on the whole image (OpenCV 4.6, resize.cpp), which would have to be held for that.
template <typename Sample> class AreaReduction {
  public:
    AreaReduction(int width, int height, int reduction)
        : width_(width), reduction_(reduction), isEven_(width % reduction == 0 && height % reduction == 0),
          outputWidth_((width + reduction - 1) / reduction), outputHeight_((height + reduction - 1) / reduction),
          output_(static_cast<size_t>(outputWidth_) * 3) {
        if (isEven_) {
            counts_.resize(output_.size());
        } else {
            columns_ = table(width, outputWidth_);
            rows_ = table(height, outputHeight_);
            row_.resize(output_.size());
            sums_.resize(output_.size());
        }
    }

    int outputWidth() const { return outputWidth_; }

    /// Takes the next row of RGB and hands each row of the result that it completes to `emit`.
    template <typename Emit> void add(const Sample *row, Emit &&emit) {
        if (isEven_) {
            addEven(row, emit);
        } else {
            addAny(row, emit);
        }
        ++y_;
    }

  private:
    struct Share {
        int output, input;
        float weight;
    };

    template <typename Emit> void addEven(const Sample *row, Emit &emit) {
        uint32_t *count = counts_.data();
        for (int x = 0; x < outputWidth_; ++x, count += 3)
            for (int k = 0; k < reduction_; ++k, row += 3)
                for (int c = 0; c < 3; ++c) count[c] += row[c];
        if ((y_ + 1) % reduction_ != 0) return;
        const float scale = 1.f / static_cast<float>(reduction_ * reduction_);
        for (size_t i = 0; i < output_.size(); ++i)
            // A half is rounded up where four are averaged, else to the even number.
            output_[i] = reduction_ == 2 ? static_cast<Sample>((counts_[i] + 2) >> 2)
                                         : cv::saturate_cast<Sample>(static_cast<float>(counts_[i]) * scale);
        std::fill(counts_.begin(), counts_.end(), 0);
        emit(output_.data());
    }

    template <typename Emit> void addAny(const Sample *row, Emit &emit) {
        std::fill(row_.begin(), row_.end(), 0.f);
        for (const Share &share : columns_)
            for (int c = 0; c < 3; ++c)
                row_[share.output * 3 + c] += static_cast<float>(row[share.input * 3 + c]) * share.weight;
        for (; next_ < rows_.size() && rows_[next_].input == y_; ++next_) {
            const Share &share = rows_[next_];
            if (share.output != current_) flush(emit, share.output);
            for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += share.weight * row_[i];
        }
        if (next_ == rows_.size() && current_ < outputHeight_) flush(emit, outputHeight_);
    }

    template <typename Emit> void flush(Emit &emit, int following) {
        for (size_t i = 0; i < output_.size(); ++i) output_[i] = cv::saturate_cast<Sample>(sums_[i]);
        std::fill(sums_.begin(), sums_.end(), 0.f);
        current_ = following;
        emit(output_.data());
    }

    /// Which inputs count towards which output, and how much; in the order of the outputs.
    static std::vector<Share> table(int size, int outputSize) {
        std::vector<Share> shares;
        const double scale = 1. / (static_cast<double>(outputSize) / size);
        for (int output = 0; output < outputSize; ++output) {
            const double from = output * scale, to = from + scale, length = std::min(scale, size - from);
            const int last = std::min(cvFloor(to), size - 1);
            const int first = std::min(cvCeil(from), last);
            if (first - from > 1e-3)
                shares.push_back({output, first - 1, static_cast<float>((first - from) / length)});
            for (int input = first; input < last; ++input)
                shares.push_back({output, input, static_cast<float>(1. / length)});
            if (to - last > 1e-3)
                shares.push_back(
                    {output, last, static_cast<float>(std::min(std::min(to - last, 1.), length) / length)});
        }
        return shares;
    }

    const int width_, reduction_;
    const bool isEven_;
    const int outputWidth_, outputHeight_;
    std::vector<Sample> output_;
    std::vector<uint32_t> counts_;
    std::vector<Share> columns_, rows_;
    std::vector<float> row_, sums_;
    size_t next_ = 0;
    int y_ = 0, current_ = 0;
};

}  // namespace cvision
