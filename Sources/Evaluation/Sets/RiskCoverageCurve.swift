/// The risk and the coverage of answering only the most confident images.
///
/// Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks", NeurIPS 2017, equations 1 and 2.
public struct RiskCoverageCurve: Sendable, Equatable {
    /// Answering every image with a confidence of at least `confidence`.
    public struct Point: Sendable, Equatable, Codable {
        public let confidence: Double
        /// Share of the images answered.
        public let coverage: Double
        /// Share of the answered images that are wrong.
        public let risk: Double
    }

    /// From the surest images to all, one point a distinct confidence.
    public let points: [Point]
    /// Mean risk over the coverages, each image one step (AURC; Geifman et al., ICLR 2019, section 2).
    public let area: Double

    /// - Throws: `EvaluationError` for predictions that cannot be measured.
    public init(_ predictions: [LabelledPrediction]) throws {
        try validate(predictions, classes: predictions.first?.probabilities.count ?? 0)
        let sorted = predictions.map { (confidence: $0.confidence, wrong: $0.predicted != $0.label) }
            .sorted { $0.confidence > $1.confidence }
        var points: [Point] = []
        var wrong = 0
        var answered = 0
        var area = 0.0
        var index = 0
        while index < sorted.count {
            // Images of equal confidence are answered together: their order means nothing.
            let confidence = sorted[index].confidence
            let start = index
            while index < sorted.count, sorted[index].confidence == confidence {
                if sorted[index].wrong { wrong += 1 }
                index += 1
            }
            answered = index
            let risk = Double(wrong) / Double(answered)
            area += risk * Double(index - start)
            points.append(
                Point(confidence: confidence, coverage: Double(answered) / Double(sorted.count), risk: risk))
        }
        self.points = points
        self.area = area / Double(sorted.count)
    }
}
