/// A small seeded generator (Steele, Lea and Flood 2014): the same numbers on every platform.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A generator for one purpose among many, from a seed and the numbers that name the purpose.
    public init(seed: UInt64, _ purpose: UInt64...) {
        self.init(seed: seed)
        for number in purpose { state = next() ^ (number &* 0x9E37_79B9_7F4A_7C15) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
