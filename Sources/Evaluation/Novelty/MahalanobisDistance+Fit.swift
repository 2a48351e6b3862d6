/// Known vectors around their centre, or around the centres of their classes.
struct Cloud {
    let size: Int
    let center: [Double]
    let deviation: [Double]
    /// `[n, d]`, flat: centred and divided by the deviations.
    private let scaled: [Double]
    private let count: Int

    init(_ rows: [[Double]], labels: [Int]?) throws {
        guard let size = rows.first?.count, size > 0, rows.count >= 2 else {
            throw EvaluationError(code: .empty, message: "a distance needs two known vectors at least")
        }
        for (index, row) in rows.enumerated() {
            guard row.count == size else {
                throw EvaluationError(
                    code: .shape, message: "the vector has \(row.count) numbers, the first \(size)", row: index)
            }
            guard row.allSatisfy(\.isFinite) else {
                throw EvaluationError(code: .parameter, message: "the vector holds no finite number", row: index)
            }
        }
        guard labels == nil || labels?.count == rows.count else {
            throw EvaluationError(code: .shape, message: "there must be one label a vector")
        }
        let center = Self.mean(rows, size: size)
        let origins = labels.map { Self.classMeans(rows, labels: $0, size: size) }
        let centred = rows.indices.flatMap { index in
            let origin = labels.flatMap { origins?[$0[index]] } ?? center
            return (0..<size).map { rows[index][$0] - origin[$0] }
        }
        let deviation = (0..<size).map { column in
            let squares = rows.indices.reduce(0.0) { $0 + centred[$1 * size + column] * centred[$1 * size + column] }
            let deviation = (squares / Double(rows.count)).squareRoot()
            return deviation > 1e-9 ? deviation : 1
        }
        (self.size, self.center, self.deviation) = (size, center, deviation)
        count = rows.count
        scaled = centred.indices.map { centred[$0] / deviation[$0 % size] }
    }

    static func mean(_ rows: [[Double]], size: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: size)
        for row in rows { for column in 0..<size { sums[column] += row[column] } }
        return sums.map { $0 / Double(max(1, rows.count)) }
    }

    static func classMeans(_ rows: [[Double]], labels: [Int], size: Int) -> [Int: [Double]] {
        Dictionary(grouping: rows.indices, by: { labels[$0] }).mapValues { members in
            mean(members.map { rows[$0] }, size: size)
        }
    }

    /// `[d, d]`: (1 − δ) S + δ m I, with δ and m of Ledoit and Wolf.
    ///
    /// The mean of ‖x xᵀ − S‖² over the vectors is that of ‖x‖⁴ less ‖S‖², which needs no matrix a vector.
    func shrunkCovariance() -> [Double] {
        var covariance = [Double](repeating: 0, count: size * size)
        var fourthPowers = 0.0
        covariance.withUnsafeMutableBufferPointer { covariance in
            scaled.withUnsafeBufferPointer { scaled in
                for row in 0..<count {
                    let vector = UnsafeBufferPointer(rebasing: scaled[row * size..<(row + 1) * size])
                    var squares = 0.0
                    for i in 0..<size {
                        let value = vector[i]
                        squares += value * value
                        for j in 0...i { covariance[i * size + j] += value * vector[j] }
                    }
                    fourthPowers += squares * squares
                }
            }
        }
        for i in 0..<size {
            for j in 0...i {
                covariance[i * size + j] /= Double(count)
                covariance[j * size + i] = covariance[i * size + j]
            }
        }
        let norm = covariance.reduce(0) { $0 + $1 * $1 }
        let level = (0..<size).reduce(0) { $0 + covariance[$1 * size + $1] } / Double(size)
        let spread = norm - level * level * Double(size)
        let error = max(0, fourthPowers / Double(count) - norm) / Double(count)
        let shrinkage = spread > 0 ? min(error, spread) / spread : 1
        for index in covariance.indices {
            covariance[index] *= 1 - shrinkage
            if index % (size + 1) == 0 { covariance[index] += shrinkage * level }
        }
        // A column that never varies has no variance of its own; a little keeps the matrix invertible.
        for i in 0..<size { covariance[i * size + i] += 1e-6 }
        return covariance
    }
}

/// The Cholesky factor of a positive matrix.
struct LowerTriangle {
    private let size: Int
    private let values: [Double]

    /// - Parameter matrix: `[size, size]`, symmetric; nil is returned where it is not positive definite.
    init?(factoring matrix: [Double], size: Int) {
        var values = matrix
        let isPositive = values.withUnsafeMutableBufferPointer { values in
            for i in 0..<size {
                for j in 0...i {
                    var sum = values[i * size + j]
                    for k in 0..<j { sum -= values[i * size + k] * values[j * size + k] }
                    if i == j {
                        guard sum > 0 else { return false }
                        values[i * size + i] = sum.squareRoot()
                    } else {
                        values[i * size + j] = sum / values[j * size + j]
                    }
                }
                for j in i + 1..<max(size, i + 1) { values[i * size + j] = 0 }
            }
            return true
        }
        guard isPositive else { return nil }
        self.size = size
        self.values = values
    }

    /// `[size, size]`, lower triangular: row by row, x_ij = −(Σ_{j ≤ k < i} l_ik x_kj) / l_ii.
    var inverse: [Double] {
        var inverse = [Double](repeating: 0, count: size * size)
        inverse.withUnsafeMutableBufferPointer { inverse in
            values.withUnsafeBufferPointer { values in
                for i in 0..<size {
                    let diagonal = values[i * size + i]
                    for k in 0..<i {
                        let factor = values[i * size + k]
                        for j in 0...k { inverse[i * size + j] -= factor * inverse[k * size + j] }
                    }
                    for j in 0..<i { inverse[i * size + j] /= diagonal }
                    inverse[i * size + i] = 1 / diagonal
                }
            }
        }
        return inverse
    }
}
