import Crypto
import Evaluation
import Foundation
import Imaging

/// Asks the networks of one cross-validation about their own test images.
struct RecipeAudit {
    let name: String
    let networks: FoldNetworks
    let items: [TrainingImage]
    let manifestSHA256: String
    let classes: Int
    /// Images to explain over all folds.
    let explained: Int
    let progress: @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

    func run() throws -> AuditResults.Recipe {
        let images = AuditImages(items: items, preprocessing: networks.configuration.preprocessing)
        let robustness = RobustnessAudit(images: images, classes: classes, progress: progress)
        var answers: [RobustnessAudit.FoldAnswers] = []
        var oriented: [[Int]] = []
        var attention: [AttentionAudit.Measurement?] = []
        var explanations: [ExplanationAudit.Outcome] = []
        for fold in networks.folds {
            let test = try networks.test(fold, items: items, manifestSHA256: manifestSHA256)
            let network = try networks.network(fold, classes: classes)
            try networks.check(network, fold, test: test, images: images)
            answers.append((test, try robustness.answers(network, test: test, fold: fold.fold)))
            oriented.append(try robustness.orientedAnswers(network, test: test, fold: fold.fold))
            attention += try AttentionAudit(images: images, temperature: fold.temperature).measure(network, test: test)
            {
                progress("fold \(fold.fold), where it looks", $0, $1)
            }
            let chosen = Self.explained(fold, test: test, count: explained / networks.folds.count)
            guard !chosen.isEmpty else { continue }
            explanations.append(
                try ExplanationAudit(
                    images: images, temperature: fold.temperature, seed: networks.configuration.seed
                ).run(network, test: chosen) { progress("fold \(fold.fold), explanations", $0, $1) })
        }
        return AuditResults.Recipe(
            name: name, split: networks.folds[0].split, architecture: networks.configuration.architecture,
            configurationSHA256: Data(networks.folds[0].configurationJSON.utf8).sha256Hex,
            variations: try robustness.variations(answers),
            orientations: try robustness.orientations(oriented, beside: answers),
            attention: AuditResults.Attention(attention),
            explanations: AuditResults.Explanations(explanations))
    }

    /// Malignant images that were answered rightly, evenly over the test part.
    private static func explained(_ fold: FoldResult, test: [Int], count: Int) -> [Int] {
        let right = zip(test, fold.predictions).filter { $1.label != 0 && $1.predicted == $1.label }.map(\.0)
        let taken = min(count, right.count)
        return (0..<max(0, taken)).map { right[$0 * right.count / taken] }
    }
}
