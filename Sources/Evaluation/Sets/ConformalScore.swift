/// How badly a class fits an answer; a prediction set holds the classes whose score does not exceed their threshold.
public enum ConformalScore: String, Sendable, Codable, CaseIterable {
    /// `1 - p(class)`: the smallest sets of a coverage (Sadinle, Lei and Wasserman, JASA 114 (2019), theorem 1).
    case leastAmbiguous = "lac"
    /// The probability of all classes at least as probable (Romano, Sesia and Candès, NeurIPS 2020, without the
    /// randomisation of equation 6).
    case adaptive = "aps"
    /// The same less a uniform share of the class's own probability (equation 6), for a coverage that is exact and not only
    /// reached. The same image may then get other sets on other days.
    case adaptiveRandomised = "aps-randomised"

    /// The score of every class, `[classes]`.
    ///
    /// - Parameters:
    ///   - probabilities: One a class.
    ///   - uniform: A uniform number for this image, 0 to 1; only the randomised score uses it.
    public func values(_ probabilities: [Double], uniform: Double) -> [Double] {
        switch self {
        case .leastAmbiguous: return probabilities.map { 1 - $0 }
        case .adaptive, .adaptiveRandomised:
            var values = probabilities
            var sum = 0.0
            for index in probabilities.indices.sorted(by: { probabilities[$0] > probabilities[$1] }) {
                sum += probabilities[index]
                values[index] = self == .adaptive ? sum : sum - uniform * probabilities[index]
            }
            return values
        }
    }
}
