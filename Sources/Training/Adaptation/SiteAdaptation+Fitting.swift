import Evaluation
import Foundation
import Packaging

extension SiteAdaptation {
    func correction(_ method: Method, from indices: [Int]) throws -> LogisticCorrection? {
        guard let end = method.end else { return nil }
        let rows = indices.flatMap { features.rows($0, of: end) }
        let logits = indices.flatMap { features.logits[$0] ?? [] }
        let labels = indices.flatMap { Array(repeating: images.labels[$0], count: features.logits[$0]?.count ?? 0) }
        return try LogisticCorrection(
            features: rows, logits: logits, labels: labels, inverseRegularization: method.inverseRegularization)
    }

    /// Answers for images as they are, not turned.
    func answers(_ method: Method, _ correction: LogisticCorrection?, _ indices: [Int]) -> Predictions {
        let plain = indices.map { features.logits[$0]?.first ?? [] }
        var logits = plain
        if let end = method.end, let correction {
            logits = correction.apply(
                features: indices.map { features.rows($0, of: end).first ?? [] }, logits: plain)
        }
        return Predictions(
            indices: indices, labels: indices.map { images.labels[$0] }, logits: logits,
            embeddings: indices.map { _ in [] })
    }

    /// Answers for the images that are learned from, each by a correction that was fitted on the other parts.
    func outOfFold(_ method: Method) throws -> Predictions {
        let parts = try innerParts().map { test in
            let held = Set(test)
            return answers(method, try correction(method, from: learning.filter { !held.contains($0) }), test)
        }
        return Predictions(
            indices: parts.flatMap(\.indices), labels: parts.flatMap(\.labels), logits: parts.flatMap(\.logits),
            embeddings: parts.flatMap(\.embeddings))
    }

    /// Every class dealt over the parts in turn, duplicates together.
    func innerParts() -> [[Int]] {
        var parts = [[Int]](repeating: [], count: Self.innerFolds)
        var partOfGroup: [String: Int] = [:]
        var next = [Int](repeating: 0, count: images.classKeys.count)
        for index in learning {
            let (label, group) = (images.labels[index], images.items[index].group)
            let part = partOfGroup[group] ?? next[label] % Self.innerFolds
            if partOfGroup.updateValue(part, forKey: group) == nil { next[label] += 1 }
            parts[part].append(index)
        }
        return parts.filter { !$0.isEmpty }
    }

    /// One a class. Sixteen images allow no more than a coverage of 16/17; a class that was not learned keeps its threshold.
    func thresholds(_ answers: Predictions, temperature: Double) -> [Double] {
        let conformal = package.description.conformal
        let found = ConformalPrediction.raised(
            ConformalPrediction.thresholds(
                scores: zip(answers.probabilities(temperature: temperature), answers.labels).map { 1 - $0[$1] },
                labels: answers.labels, classes: images.classKeys.count, coverage: conformal.coverage,
                allowsLess: true))
        let learnt = Set(answers.labels)
        return images.classKeys.enumerated().map { label, key in
            learnt.contains(label) ? found[label] : conformal.thresholds[key] ?? 1
        }
    }

    /// The temperature of least log loss, held near 1 by a log-normal prior of deviation 0.5: a few images that are all
    /// answered rightly would else make every later answer certain.
    static func temperature(_ answers: Predictions) -> Double {
        let candidates = (-60...60).map { exp(Double($0) / 20) }
        func cost(_ temperature: Double) -> Double {
            let distance = log(temperature) / 0.5
            return answers.logLoss(temperature: temperature) * Double(answers.labels.count) + distance * distance / 2
        }
        return candidates.map { ($0, cost($0)) }.min { $0.1 < $1.1 }?.0 ?? 1
    }
}
