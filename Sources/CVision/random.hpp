#pragma once

#include <cmath>
#include <cstdint>

namespace cvision {

/// Random numbers that are the same on every platform: SplitMix64 (Steele, Lea and Flood 2014, OOPSLA) and own
/// distributions, since those of the C++ standard library differ between implementations.
///
/// Every aspect takes its own stream, so that switching one off leaves the draws of the others as they were.
class Random {
  public:
    Random(uint64_t seed, uint64_t stream) : state(mixed(seed ^ mixed(stream * 0x9e3779b97f4a7c15ULL + 1))) {}

    uint64_t next() { return mixed(state += 0x9e3779b97f4a7c15ULL); }

    /// Uniform in [0, 1).
    float unit() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

    float between(float low, float high) { return low + (high - low) * unit(); }

    /// Uniform in [-radius, radius).
    float around(float radius) { return between(-radius, radius); }

    /// A whole number in [0, count).
    int below(int count) { return static_cast<int>((next() >> 32) * static_cast<uint64_t>(count) >> 32); }

    bool happens(float probability) { return unit() < probability; }

    /// Standard normal (Box and Muller 1958).
    float normal() {
        float radius = std::sqrt(-2 * std::log(1 - unit()));
        return radius * std::cos(6.28318530718f * unit());
    }

  private:
    uint64_t state;

    static uint64_t mixed(uint64_t value) {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31);
    }
};

}  // namespace cvision
