import Evaluation
import Foundation
import Imaging

/// The trained networks' answers to their own test images, as they are and changed.
package struct RobustnessAudit {
    let images: AuditImages
    let classes: Int
    let progress: @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

    package init(
        images: AuditImages, classes: Int,
        progress: @escaping @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void
    ) {
        self.images = images
        self.classes = classes
        self.progress = progress
    }

    /// The name of the images as they are.
    static let unchanged = "as-they-are"

    /// The answers of one fold's network under each change; nil is none.
    /// - Parameter test: positions of the images.
    func answers(_ network: TrainableNetwork, test: [Int], fold: Int) throws -> [(ImageVariation?, [Int])] {
        let variations = [nil] + ImageVariation.allCases.map(Optional.some)
        return try variations.enumerated().map { number, variation in
            var predicted: [Int] = []
            for run in AuditImages.runs(test) {
                let logits = try network.forward(images.batch(run, variation: variation)).logits.rows
                predicted += logits.map { row in row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 } }
                progress(
                    "fold \(fold), changed images", number * test.count + predicted.count,
                    variations.count * test.count)
            }
            return (variation, predicted)
        }
    }

    /// A fold's test images, and the answers to them under each change.
    package typealias FoldAnswers = (test: [Int], answers: [(ImageVariation?, [Int])])

    /// The figures of all folds.
    package func variations(_ answers: [FoldAnswers]) throws -> [AuditResults.Variation] {
        guard let first = answers.first else { return [] }
        var unchanged: [String: Double] = [:]
        return try first.answers.indices.map { place in
            let variation = first.answers[place].0
            let figures = AuditResults.FoldFigures(
                try answers.map { fold in
                    try AuditResults.Figures(
                        labels: fold.test.map { images.items[$0].label }, predicted: fold.answers[place].1,
                        classes: classes)
                })
            if variation == nil { unchanged = figures.mean }
            return AuditResults.Variation(
                name: variation?.rawValue ?? Self.unchanged, isStainShift: variation?.isStainShift ?? false,
                figures: figures, loss: figures.mean.merging(unchanged) { $1 - $0 },
                macroF1LossInterval95: variation == nil ? nil : interval(answers, place))
        }
    }

    /// Of the loss of macro-F1, mean over the folds: duplicate groups are resampled with both of their answers.
    private func interval(_ answers: [FoldAnswers], _ place: Int) -> ConfidenceInterval? {
        let rows = answers.enumerated().flatMap { fold, own in
            own.test.indices.map { row in
                (
                    fold: fold, item: images.items[own.test[row]], before: own.answers[0].1[row],
                    after: own.answers[place].1[row]
                )
            }
        }
        let found = GroupBootstrap().intervals(groups: rows.map(\.item.group)) { counts in
            let none = [ConfusionMatrix](repeating: ConfusionMatrix(classes: classes), count: answers.count)
            var (before, after) = (none, none)
            for (row, count) in zip(rows, counts) where count > 0 {
                before[row.fold].add(label: row.item.label, predicted: row.before, times: count)
                after[row.fold].add(label: row.item.label, predicted: row.after, times: count)
            }
            let losses = zip(before, after).compactMap { first, second in
                first.macroF1.flatMap { value in second.macroF1.map { value - $0 } }
            }
            return [losses.count < answers.count ? nil : losses.reduce(0, +) / Double(losses.count)]
        }
        return found.first.flatMap(\.self)
    }
}
