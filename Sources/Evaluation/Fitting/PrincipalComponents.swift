import Randomness

/// The directions in which points vary most (Jolliffe, *Principal Component Analysis*, 2nd edition 2002, section 1.1).
public struct PrincipalComponents: Sendable {
    /// `[D]`.
    public let mean: [Float]
    /// `[components, D]`, of unit length and at right angles, the strongest first; the largest element of each is positive,
    /// which leaves no choice of sign.
    public let components: [[Float]]

    /// - Parameters:
    ///   - points: `[N, D]`, at least two, of the same length.
    ///   - count: Components wanted, at least 1.
    /// - Throws: `EvaluationError` for too few or uneven points, or where they do not vary in as many directions.
    public init(_ points: [[Float]], count: Int) throws {
        guard points.count >= 2, let size = points.first?.count, size >= count, count >= 1 else {
            throw EvaluationError(code: .empty, message: "\(points.count) points are too few for \(count) components")
        }
        if let row = points.firstIndex(where: { $0.count != size }) {
            throw EvaluationError(code: .shape, message: "expected \(size) values, got \(points[row].count)", row: row)
        }
        var mean = [Double](repeating: 0, count: size)
        for point in points { for index in mean.indices { mean[index] += Double(point[index]) } }
        mean = mean.map { $0 / Double(points.count) }
        let centred = points.map { point in point.indices.map { Double(point[$0]) - mean[$0] } }
        var found: [[Double]] = []
        for number in 0..<count { found.append(try Self.strongest(centred, beside: found, number: number)) }
        self.mean = mean.map(Float.init)
        components = found.map { $0.map(Float.init) }
    }

    /// Places of points along the components, `[N, components]`.
    /// - Precondition: Each point has as many values as the mean.
    public func project(_ points: [[Float]]) -> [[Float]] {
        points.map { point in
            components.map { component in
                component.indices.reduce(0) { $0 + (point[$1] - mean[$1]) * component[$1] }
            }
        }
    }

    /// Power iteration with the covariance, kept at right angles to the components found before.
    private static func strongest(_ centred: [[Double]], beside found: [[Double]], number: Int) throws -> [Double] {
        var generator = SplitMix64(seed: 1, UInt64(number))
        var direction = centred[0].map { _ in generator.nextUnit() - 0.5 }
        for _ in 0..<200 {
            var next = [Double](repeating: 0, count: direction.count)
            for point in centred {
                let length = point.dot(direction)
                for index in next.indices { next[index] += length * point[index] }
            }
            for other in found {
                let length = next.dot(other)
                for index in next.indices { next[index] -= length * other[index] }
            }
            let length = next.dot(next).squareRoot()
            guard length > 1e-12 else {
                throw EvaluationError(code: .parameter, message: "the points do not vary in \(number + 1) directions")
            }
            next = next.map { $0 / length }
            let change = 1 - abs(next.dot(direction))
            direction = next
            if change < 1e-12 { break }
        }
        let largest = direction.indices.reduce(0) { abs(direction[$1]) > abs(direction[$0]) ? $1 : $0 }
        return direction[largest] < 0 ? direction.map { -$0 } : direction
    }
}
