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
        (self.images, self.classes, self.progress) = (images, classes, progress)
    }

    /// The name of the images as they are.
    static let unchanged = "as-they-are"

    /// The answers of one fold's network under each change; nil is none.
    /// - Parameter test: Positions of the images.
    func answers(_ network: TrainableNetwork, test: [Int], fold: Int) throws -> [(ImageVariation?, [Int])] {
        let variations = [nil] + ImageVariation.allCases.map(Optional.some)
        return try variations.enumerated().map { number, variation in
            var predicted: [Int] = []
            for run in AuditImages.runs(test) {
                let logits = try network.forward(images.batch(run, variation: variation)).logits.rows
                predicted += logits.map(\.argmax)
                progress(
                    "fold \(fold), changed images", number * test.count + predicted.count,
                    variations.count * test.count)
            }
            return (variation, predicted)
        }
    }

    /// The flips and quarter turns that give the eight orientations of an image.
    private static let orientations = (0..<8).map { number in
        var geometry = Augmentation.Geometry()
        geometry.horizontalFlip = Float(number & 1)
        geometry.verticalFlip = Float(number >> 1 & 1)
        geometry.quarterTurn = Float(number >> 2)
        return Augmentation(geometry: geometry)
    }

    /// One fold's answers by the mean of the logits over the eight orientations of each image: test-time augmentation.
    /// - Parameter test: Positions of the images.
    func orientedAnswers(_ network: TrainableNetwork, test: [Int], fold: Int) throws -> [Int] {
        var predicted: [Int] = []
        for run in AuditImages.runs(test) {
            let labels = run.map { images.items[$0].label }
            let upright = try AuditImages.concurrently(Array(run)) { try images.image($0) }
            var sums = [[Float]](repeating: [Float](repeating: 0, count: classes), count: run.count)
            for orientation in Self.orientations {
                let turned = try upright.map { try orientation.apply(to: $0, seed: 0) }
                let logits = try network.forward(images.batch(turned, labels: labels)).logits.rows
                sums = zip(sums, logits).map { zip($0, $1).map(+) }
            }
            predicted += sums.map(\.argmax)
            progress("fold \(fold), orientations", predicted.count, test.count)
        }
        return predicted
    }

    /// A fold's test images, and the answers to them under each change.
    package typealias FoldAnswers = (test: [Int], answers: [(ImageVariation?, [Int])])

    /// The figures of all folds.
    package func variations(_ answers: [FoldAnswers]) throws -> [AuditResults.Variation] {
        guard let first = answers.first else { return [] }
        return try first.answers.indices.map { place in
            let variation = first.answers[place].0
            return try compared(
                variation?.rawValue ?? Self.unchanged, isStainShift: variation?.isStainShift ?? false,
                answers.map { ($0.test, before: $0.answers[0].1, after: $0.answers[place].1) },
                isChanged: variation != nil)
        }
    }

    /// The figures of all folds' `orientedAnswers(_:test:fold:)`, in the order of the folds.
    func orientations(_ oriented: [[Int]], beside answers: [FoldAnswers]) throws -> AuditResults.Variation {
        try compared(
            "orientations", isStainShift: false,
            zip(answers, oriented).map { ($0.test, before: $0.answers[0].1, after: $1) }, isChanged: true)
    }

    /// A fold's test images, and the answers to them as they are and in another way.
    private typealias Pair = (test: [Int], before: [Int], after: [Int])

    private func compared(_ name: String, isStainShift: Bool, _ folds: [Pair], isChanged: Bool) throws
        -> AuditResults.Variation
    {
        func figures(_ predicted: (Pair) -> [Int]) throws -> AuditResults.FoldFigures {
            AuditResults.FoldFigures(
                try folds.map { fold in
                    try AuditResults.Figures(
                        labels: fold.test.map { images.items[$0].label }, predicted: predicted(fold), classes: classes)
                })
        }
        let (before, after) = (try figures(\.before), try figures(\.after))
        return AuditResults.Variation(
            name: name, isStainShift: isStainShift, figures: after,
            loss: after.mean.merging(before.mean) { $1 - $0 },
            macroF1LossInterval95: isChanged ? interval(folds) : nil)
    }

    /// Of the loss of macro-F1, mean over the folds: duplicate groups are resampled with both of their answers.
    private func interval(_ folds: [Pair]) -> ConfidenceInterval? {
        let rows = folds.enumerated().flatMap { fold, own in
            own.test.indices.map { row in
                (fold: fold, item: images.items[own.test[row]], before: own.before[row], after: own.after[row])
            }
        }
        let found = GroupBootstrap().intervals(groups: rows.map(\.item.group)) { counts in
            let none = [ConfusionMatrix](repeating: ConfusionMatrix(classes: classes), count: folds.count)
            var (before, after) = (none, none)
            for (row, count) in zip(rows, counts) where count > 0 {
                before[row.fold].add(label: row.item.label, predicted: row.before, times: count)
                after[row.fold].add(label: row.item.label, predicted: row.after, times: count)
            }
            let losses = zip(before, after).compactMap { first, second in
                first.macroF1.flatMap { value in second.macroF1.map { value - $0 } }
            }
            return [losses.count < folds.count ? nil : losses.reduce(0, +) / Double(losses.count)]
        }
        return found.first.flatMap(\.self)
    }
}
