import Evaluation
import Foundation
import Randomness

/// Stacked generalisation (Wolpert 1992): what several learners say of images that they have not seen teaches one more to
/// weigh them.
package struct StackedClassifier {
    struct Settings: Codable, Sendable {
        /// The parts of the training images that are held back from the learners in turn.
        var parts = 5
        /// Costs and kernel widths, the latter divided by the number of features, that validation chooses among.
        var costs = [1.0, 10]
        var gammas = [0.5, 2]
        var trees = 300
        var depth = 20
        /// Numbers of neighbours that validation chooses among.
        var neighbours = [5, 15]
        var inverseRegularization = 1.0
    }

    private let standard: Standardization
    private let base: [any BaseLearner]
    private let combiner: LogisticRegression
    let chosen: [String: Double]
    let parameterCount: Int

    /// - Parameters:
    ///   - rows: `[N, features]` of the training images.
    ///   - groups: The group of each image; a group is never split.
    ///   - validation: Rows and labels that the open settings are chosen by.
    init(
        rows: [[Float]], labels: [Int], groups: [String], validation: (rows: [[Float]], labels: [Int]), classes: Int,
        settings: Settings, seed: UInt64, progress: (String) throws -> Void = { _ in }
    ) throws {
        let standard = Standardization(rows)
        let inputs = rows.map(standard.standardized)
        let recipe = try BaseRecipe(
            inputs: inputs, labels: labels,
            validation: (validation.rows.map(standard.standardized), validation.labels), classes: classes,
            settings: settings, seed: seed)
        var levelOne = [[Float]](repeating: [], count: rows.count)
        let parts = Self.parts(labels: labels, groups: groups, count: settings.parts, seed: seed)
        for part in 0..<settings.parts {
            try progress("stacking, part \(part + 1) of \(settings.parts)")
            let (held, kept) = (
                rows.indices.filter { parts[$0] == part }, rows.indices.filter { parts[$0] != part }
            )
            let learners = try recipe.fit(kept.map { inputs[$0] }, labels: kept.map { labels[$0] })
            let answers = try Self.joined(learners, held.map { inputs[$0] })
            for (row, answer) in zip(held, answers) { levelOne[row] = answer }
        }
        combiner = try LogisticRegression(
            inputs: levelOne, labels: labels, classes: classes, inverseRegularization: settings.inverseRegularization)
        base = try recipe.fit(inputs, labels: labels)
        self.standard = standard
        chosen = recipe.chosen
        let width = levelOne.first?.count ?? 0
        parameterCount =
            2 * standard.mean.count + base.reduce(0) { $0 + $1.parameterCount }
            + LogisticLearner.parameterCount(width: width, classes: classes)
    }

    /// Probabilities, `[N, classes]`.
    func probabilities(_ rows: [[Float]]) throws -> [[Double]] {
        try combiner.probabilities(Self.joined(base, rows.map(standard.standardized)))
    }

    /// What all learners say of each row, side by side.
    private static func joined(_ learners: [any BaseLearner], _ rows: [[Float]]) throws -> [[Float]] {
        let answers = try learners.map { try $0.probabilities(rows) }
        return rows.indices.map { row in answers.flatMap { $0[row].map(Float.init) } }
    }

    /// The part of each image: whole groups, dealt in turn within each class after a shuffle.
    package static func parts(labels: [Int], groups: [String], count: Int, seed: UInt64) -> [Int] {
        var firsts: [String: Int] = [:]
        for (row, group) in groups.enumerated() where firsts[group] == nil { firsts[group] = row }
        var order = firsts.sorted { $0.value < $1.value }
        var generator = SplitMix64(seed: seed, 0x57AC)
        generator.shuffle(&order)
        var dealt: [Int: Int] = [:]
        var parts: [String: Int] = [:]
        for (group, row) in order {
            parts[group] = dealt[labels[row], default: 0] % count
            dealt[labels[row], default: 0] += 1
        }
        return groups.map { parts[$0] ?? 0 }
    }
}
