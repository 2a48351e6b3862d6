/// Inner products and sums of runs of arrays, eight numbers at a time: the compiler must not reorder a floating-point sum
/// on its own, and one by one a regression over a thousand features would take minutes.
enum InnerProduct {
    /// Σ first[firstStart + i] · second[secondStart + i] for i below `count`.
    /// - Precondition: Both arrays reach as far.
    static func of(
        _ first: [Double], from firstStart: Int, _ second: [Double], from secondStart: Int, count: Int
    ) -> Double {
        precondition(firstStart + count <= first.count && secondStart + count <= second.count, "a run leaves its array")
        return first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var sums = SIMD8<Double>.zero
                var index = 0
                while index + 8 <= count {
                    let one = first.loadUnaligned(fromByteOffset: (firstStart + index) * 8, as: SIMD8<Double>.self)
                    let other = second.loadUnaligned(fromByteOffset: (secondStart + index) * 8, as: SIMD8<Double>.self)
                    sums += one * other
                    index += 8
                }
                var sum = sums.sum()
                while index < count {
                    let one = first.loadUnaligned(fromByteOffset: (firstStart + index) * 8, as: Double.self)
                    sum += one * second.loadUnaligned(fromByteOffset: (secondStart + index) * 8, as: Double.self)
                    index += 1
                }
                return sum
            }
        }
    }

    /// target[targetStart + i] += factor · values[start + i] for i below `count`.
    /// - Precondition: Both arrays reach as far.
    static func add(
        _ factor: Double, times values: [Double], from start: Int, to target: inout [Double], from targetStart: Int,
        count: Int
    ) {
        precondition(start + count <= values.count && targetStart + count <= target.count, "a run leaves its array")
        values.withUnsafeBufferPointer { values in
            target.withUnsafeMutableBufferPointer { target in
                for index in 0..<count { target[targetStart + index] += factor * values[start + index] }
            }
        }
    }
}

extension [Double] {
    /// The inner product with an array of the same length.
    func dot(_ other: [Double]) -> Double {
        InnerProduct.of(self, from: 0, other, from: 0, count: count)
    }
}
