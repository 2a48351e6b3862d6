/// A small seeded generator whose sequence is the same on every machine and in every version.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, figure 17 (SplitMix64).
///
/// It has a module of its own because folds, initial weights, intervals and augmentation all need it, and the modules
/// that make them have no other in common. Choosing and shuffling are written out: the standard library may change how
/// it draws, but a fold must stay the same for ever.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    /// Where the sequence stands; a generator seeded with it goes on from there.
    public private(set) var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    /// A generator for one purpose among many, from a seed and the numbers that name the purpose.
    public init(seed: UInt64, _ purpose: UInt64...) {
        self.init(seed: seed)
        for number in purpose { state = next() ^ (number &* 0x9E37_79B9_7F4A_7C15) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 up to, not including, `bound`, by Lemire's multiplication with rejection
    /// (ACM TOMACS 29 (2019), algorithm 5).
    ///
    /// - Precondition: `bound > 0`.
    public mutating func next(below bound: Int) -> Int {
        precondition(bound > 0, "nothing lies below \(bound)")
        let limit = UInt64(bound)
        var product = next().multipliedFullWidth(by: limit)
        if product.low < limit {
            let threshold = (0 &- limit) % limit
            while product.low < threshold { product = next().multipliedFullWidth(by: limit) }
        }
        return Int(product.high)
    }

    /// A number from 0 up to, not including, 1, with 53 random bits.
    public mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Puts the elements into random order: Fisher and Yates, from the end.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, next(below: last + 1))
        }
    }
}
