/// A dense array of 32-bit floats with a shape, in row-major order.
public struct Tensor: Sendable, Equatable {
    /// The length of each axis, outermost first; empty for a scalar.
    public let shape: [Int]
    /// The values, `shape.reduce(1, *)` of them, the last axis varying fastest.
    public var values: [Float]

    /// - Precondition: `values.count` is the product of `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "shape \(shape) does not hold \(values.count) values")
        self.shape = shape
        self.values = values
    }

    /// A tensor of one repeated value.
    public init(shape: [Int], repeating value: Float) {
        self.init(shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }

    /// The values as 32-bit floats, the least significant byte first, as files hold them.
    public var littleEndianBytes: [UInt8] {
        #if _endian(little)
            values.withUnsafeBytes { Array($0) }
        #else
            values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
        #endif
    }

    /// The values rounded to 16-bit floats, the least significant byte first.
    var littleEndianHalves: [UInt8] {
        values.flatMap { value in
            let bits = Float16(value).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
    }

    /// The inner product of each row of a matrix with a vector, in single precision, eight numbers at a time.
    /// - Parameter vector: A vector as long as a row.
    /// - Returns: One number a row.
    /// - Precondition: The tensor is a matrix `[rows, columns]` and the vector has `columns` values.
    public func rowProducts(with vector: [Float]) -> [Float] {
        precondition(shape.count == 2 && shape[1] == vector.count, "\(vector.count) values are no row of \(shape)")
        let columns = vector.count
        return values.withUnsafeBytes { matrix in
            vector.withUnsafeBytes { vector in
                (0..<shape[0]).map { row in
                    var sums = SIMD8<Float>.zero
                    var column = 0
                    while column + 8 <= columns {
                        let offset = (row * columns + column) * 4
                        sums +=
                            matrix.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                            * vector.loadUnaligned(fromByteOffset: column * 4, as: SIMD8<Float>.self)
                        column += 8
                    }
                    var sum = sums.sum()
                    while column < columns {
                        let offset = (row * columns + column) * 4
                        sum +=
                            matrix.loadUnaligned(fromByteOffset: offset, as: Float.self)
                            * vector.loadUnaligned(fromByteOffset: column * 4, as: Float.self)
                        column += 1
                    }
                    return sum
                }
            }
        }
    }
}
