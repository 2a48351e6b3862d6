extension Tensor {
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
