/// Novelty as the distance to the k-th nearest of the known vectors, all brought to unit length (Sun et al.,
/// *Out-of-distribution detection with deep nearest neighbors*, ICML 2022, section 3).
public struct NearestNeighbourDistance: Sendable {
    private let known: [[Float]]
    private let neighbour: Int

    /// - Parameters:
    ///   - known: `[n][d]`, one at least.
    ///   - neighbour: K, 1 and up; where there are fewer, the farthest is taken.
    /// - Throws: `EvaluationError` with `.empty` or `.parameter`.
    public init(known: [[Float]], neighbour: Int = 5) throws {
        guard !known.isEmpty else {
            throw EvaluationError(code: .empty, message: "nearest neighbours need a known vector")
        }
        guard neighbour >= 1 else {
            throw EvaluationError(code: .parameter, message: "there is no neighbour number \(neighbour)")
        }
        self.known = known.map(\.unit)
        self.neighbour = min(neighbour, known.count)
    }

    /// The distance of a vector, 0 to 2; larger is less familiar.
    /// - Parameter vector: `[d]`.
    public func novelty(of vector: [Float]) -> Double {
        let unit = vector.unit
        let cosines = known.map { row in
            row.withUnsafeBufferPointer { row in
                unit.withUnsafeBufferPointer { unit in
                    (0..<min(row.count, unit.count)).reduce(Float(0)) { $0 + row[$1] * unit[$1] }
                }
            }
        }
        let cosine = cosines.sorted(by: >)[neighbour - 1]
        return max(0, 2 - 2 * Double(cosine)).squareRoot()
    }
}

extension [Float] {
    /// The vector at length 1; unchanged where it has none.
    public var unit: [Float] {
        let length = reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? map { $0 / length } : self
    }
}
