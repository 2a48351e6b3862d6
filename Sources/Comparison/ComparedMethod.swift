import Evaluation
import Formats
import Foundation
import Imaging

/// Labelled images to learn from, or to choose settings by.
public struct LearningPart: Sendable {
    /// Class numbers, one an image.
    public let labels: [Int]
    /// Duplicates share a group, which is never split.
    public let groups: [String]
    /// The decoded image at a position of the part.
    public let photograph: @Sendable (Int) throws -> RGBImage

    public init(labels: [Int], groups: [String], photograph: @escaping @Sendable (Int) throws -> RGBImage) {
        (self.labels, self.groups, self.photograph) = (labels, groups, photograph)
    }

    public var count: Int { labels.count }

    /// What `measure` gives for each image, in order, on the calling thread.
    func map<Result>(_ measure: (RGBImage) throws -> Result) throws -> [Result] {
        try labels.indices.map { try measure(photograph($0)) }
    }
}

/// A classifier other than a network that is trained end to end.
public protocol ComparedMethod: Sendable {
    /// As on the command line.
    var name: String { get }
    /// Everything that decides the outcome, as JSON on one line with sorted keys.
    func settingsJSON() throws -> String
    /// Learns from the training part and chooses what is left open by the validation part.
    /// - Parameters:
    ///   - classes: How many there are.
    ///   - seed: The seed of every random choice.
    ///   - progress: Told what is being done.
    func fit(
        _ training: LearningPart, validation: LearningPart, classes: Int, seed: UInt64,
        progress: (String) throws -> Void
    ) throws -> any FittedMethod
}

/// A fitted method, which answers.
public protocol FittedMethod {
    /// The numbers that it stores.
    var parameterCount: Int { get }
    /// The settings chosen on the validation part, by name.
    var chosen: [String: Double] { get }
    /// One number a class, the largest for the answer: logarithms of probabilities, or margins.
    /// - Parameter photograph: Decoded, before any preprocessing.
    func logits(_ photograph: RGBImage) throws -> [Double]
}

extension ComparedMethod {
    /// The method's name and its settings, encoded.
    func encoded(_ settings: some Encodable) throws -> String {
        "{\"method\":\"\(name)\",\"settings\":\(try JSONFormat.line.text(settings))}"
    }
}

/// A choice among candidates by the validation part.
enum ValidationChoice {
    /// The candidate with the highest macro-F1; the first of equal ones.
    /// - Parameter answer: What a candidate answers to the validation images, `[N, classes]`.
    static func best<Candidate>(
        of candidates: [Candidate], labels: [Int], classes: Int, answer: (Candidate) throws -> [[Double]]
    ) throws -> Candidate {
        var best: (candidate: Candidate, figure: Double)?
        for candidate in candidates {
            let predicted = try answer(candidate).map(\.argmax)
            let figure = try ConfusionMatrix(labels: labels, predicted: predicted, classes: classes).macroF1 ?? 0
            if figure > best?.figure ?? -1 { best = (candidate, figure) }
        }
        guard let best else { throw ComparisonError(.usage, "there is nothing to choose from") }
        return best.candidate
    }
}
