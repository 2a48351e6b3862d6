/// How alike two maps of attention are, as the sanity checks of saliency maps measure it (Adebayo et al., "Sanity Checks
/// for Saliency Maps", NeurIPS 2018, section 3).
public enum MapAgreement {
    /// Spearman's rank correlation, −1 to 1, equal values sharing their mean rank; nil where a map is flat.
    /// - Precondition: Both maps have the same number of values.
    public static func rankCorrelation(_ first: [Float], _ second: [Float]) -> Double? {
        precondition(first.count == second.count, "maps of \(first.count) and \(second.count) values")
        let (one, two) = (ranks(first), ranks(second))
        let middle = Double(first.count - 1) / 2
        var (product, squares, otherSquares) = (0.0, 0.0, 0.0)
        for (a, b) in zip(one, two) {
            product += (a - middle) * (b - middle)
            squares += (a - middle) * (a - middle)
            otherSquares += (b - middle) * (b - middle)
        }
        guard squares > 0, otherSquares > 0 else { return nil }
        return product / (squares * otherSquares).squareRoot()
    }

    /// Structural similarity, −1 to 1, of maps of values 0 to 1: Wang, Bovik, Sheikh and Simoncelli 2004, equation 13, with
    /// their constants, over one window of the whole map (maps of a network have few cells).
    /// - Precondition: Both maps have the same number of values.
    public static func structuralSimilarity(_ first: [Float], _ second: [Float]) -> Double {
        precondition(first.count == second.count, "maps of \(first.count) and \(second.count) values")
        guard !first.isEmpty else { return 1 }
        let count = Double(first.count)
        let mean = first.reduce(0) { $0 + Double($1) } / count
        let otherMean = second.reduce(0) { $0 + Double($1) } / count
        var (variance, otherVariance, covariance) = (0.0, 0.0, 0.0)
        for (a, b) in zip(first, second) {
            let (distance, otherDistance) = (Double(a) - mean, Double(b) - otherMean)
            variance += distance * distance / count
            otherVariance += otherDistance * otherDistance / count
            covariance += distance * otherDistance / count
        }
        let (light, contrast) = (0.01 * 0.01, 0.03 * 0.03)
        return (2 * mean * otherMean + light) * (2 * covariance + contrast)
            / ((mean * mean + otherMean * otherMean + light) * (variance + otherVariance + contrast))
    }

    /// From 0, by ascending value.
    private static func ranks(_ values: [Float]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 }
            start = end + 1
        }
        return ranks
    }
}
