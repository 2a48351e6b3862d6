import Evaluation
import Foundation

/// Fusion of several networks by fuzzy ranks (Kundu et al. 2021, "Fuzzy rank-based fusion of CNN models using Gompertz
/// function"): each network ranks its foremost classes by a Gompertz curve of its confidence, the others get a penalty, and the
/// class of the least product of summed ranks and missing confidence is the answer.
public enum FuzzyRankFusion {
    /// As on the command line.
    public static let name = "fuzzy-rank-fusion"

    /// Classes that each network ranks.
    static let ranked = 2

    /// The rank of a class that is not among the foremost: that of the confidence 0, to three digits as in the paper.
    static let penalty = 0.632

    /// The fuzzy rank of a confidence, from 0.127 (certain) to 0.632.
    package static func rank(_ confidence: Double) -> Double { 1 - exp(-exp(-2 * confidence)) }

    /// The final decision score of each class: the less, the better.
    /// - Parameter probabilities: `[networks][classes]`, at least one network.
    package static func scores(_ probabilities: [[Double]]) -> [Double] {
        let classes = probabilities.first?.count ?? 0
        var ranks = [Double](repeating: 0, count: classes)
        var confidences = ranks
        for row in probabilities {
            let foremost = Set(row.indices.sorted { (row[$1], $0) < (row[$0], $1) }.prefix(ranked))
            for label in 0..<classes {
                ranks[label] += foremost.contains(label) ? rank(row[label]) : penalty
                confidences[label] += foremost.contains(label) ? row[label] : 0
            }
        }
        return zip(ranks, confidences).map { $0 * (1 - $1 / Double(max(1, probabilities.count))) }
    }

    /// The scores negated, so that the largest is the answer and a temperature turns them into probabilities.
    /// - Parameter logits: The logits of each network, `[networks][classes]`.
    package static func logits(_ logits: [[Double]]) -> [Double] {
        scores(logits.map { TemperatureScaling.softmax($0) }).map { -$0 }
    }
}

extension FuzzyRankFusion {
    /// What decides the outcome besides the networks.
    static var settingsJSON: String {
        "{\"method\":\"\(name)\",\"settings\":{\"penalty\":\(penalty),\"ranked\":\(ranked)}}"
    }
}
