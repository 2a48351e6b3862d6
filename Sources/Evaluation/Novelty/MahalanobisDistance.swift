/// How far a vector lies from a cloud of known ones, in standard deviations of the cloud along its own axes.
///
/// Mahalanobis 1936; as a measure of unfamiliar inputs after Lee et al., *A simple unified framework for detecting
/// out-of-distribution samples*, NeurIPS 2018. The covariance is shrunk towards a diagonal one as Ledoit and Wolf
/// (*A well-conditioned estimator for large-dimensional covariance matrices*, J. Multivar. Anal. 88, 2004, lemma 3.2 and
/// equations 10 to 14) derive it, after every column was divided by its deviation, so that units do not matter.
public struct MahalanobisDistance: Sendable, Equatable {
    /// `[d]`, the mean of the known vectors.
    public let center: [Double]
    /// `[d]`, the standard deviation of each column; 1 where a column never varies.
    public let deviation: [Double]
    /// `[d, d]`, lower triangular, row-major: the distance of x is the length of whitening · ((x − center) / deviation).
    public let whitening: [Double]

    /// A distance from known parameters, such as those stored in a model package.
    /// - Throws: `EvaluationError` with `.shape` where the sizes do not fit, `.parameter` for a number that is not
    ///   finite or a deviation that is not positive.
    public init(center: [Double], deviation: [Double], whitening: [Double]) throws {
        guard !center.isEmpty, deviation.count == center.count, whitening.count == center.count * center.count else {
            throw EvaluationError(
                code: .shape,
                message: "a distance needs d centres, d deviations and d times d weights, not \(center.count), "
                    + "\(deviation.count) and \(whitening.count)")
        }
        guard (center + deviation + whitening).allSatisfy(\.isFinite), deviation.allSatisfy({ $0 > 0 }) else {
            throw EvaluationError(
                code: .parameter, message: "a distance needs finite numbers and positive deviations")
        }
        (self.center, self.deviation, self.whitening) = (center, deviation, whitening)
    }

    /// Fits the cloud.
    /// - Parameters:
    ///   - rows: `[n, d]`, two vectors at least.
    ///   - labels: `[n]` class numbers; where given, the covariance is that of the rows around their own class's mean (the
    ///     tied covariance of Lee et al.), for distances from those means.
    /// - Throws: `EvaluationError` with `.empty` or `.shape`, with `.parameter` for a number that is not finite.
    public init(fitting rows: [[Double]], labels: [Int]? = nil) throws {
        let cloud = try Cloud(rows, labels: labels)
        let covariance = cloud.shrunkCovariance()
        guard let whitening = LowerTriangle(factoring: covariance, size: cloud.size)?.inverse else {
            throw EvaluationError(code: .parameter, message: "the covariance of the known vectors is not positive")
        }
        try self.init(center: cloud.center, deviation: cloud.deviation, whitening: whitening)
    }

    /// The distance of a vector from the centre, 0 and up.
    /// - Parameters:
    ///   - vector: `[d]`.
    ///   - other: `[d]`, another centre, such as a class's; nil takes `center`.
    /// - Precondition: The vector has as many numbers as the centre.
    public func distance(of vector: [Double], from other: [Double]? = nil) -> Double {
        let size = center.count
        precondition(vector.count == size, "\(vector.count) numbers cannot be held against \(size)")
        let from = other ?? center
        let scaled = (0..<size).map { (vector[$0] - from[$0]) / deviation[$0] }
        var squares = 0.0
        whitening.withUnsafeBufferPointer { whitening in
            scaled.withUnsafeBufferPointer { scaled in
                for row in 0..<size {
                    var sum = 0.0
                    for column in 0...row { sum += whitening[row * size + column] * scaled[column] }
                    squares += sum * sum
                }
            }
        }
        return squares.squareRoot()
    }

    /// Each number's own distance from its mean, in its own deviations, whatever the others are.
    /// - Parameter vector: `[d]`.
    /// - Precondition: The vector has as many numbers as the centre.
    public func standardized(_ vector: [Double]) -> [Double] {
        precondition(vector.count == center.count, "\(vector.count) numbers cannot be held against \(center.count)")
        return center.indices.map { (vector[$0] - center[$0]) / deviation[$0] }
    }

    /// A distance as a novelty score: d / (d + scale), 0 at the centre, a half at `scale`, below 1 for any distance.
    /// - Parameters:
    ///   - distance: 0 and up.
    ///   - scale: Above 0.
    public static func novelty(distance: Double, scale: Double) -> Double {
        distance.isFinite ? distance / (distance + scale) : 1
    }
}
