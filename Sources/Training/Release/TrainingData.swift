import Datasets
import Findings
import Foundation

/// What a model was trained on, as far as the manifest of its images knows: what its card tells of them.
public struct TrainingData: Codable, Sendable, Equatable {
    /// Images of each class in the set, by class key; a class without any is there with 0.
    public let images: [String: Int]
    /// People, where every image has one.
    public let patients: Int?
    /// Images of each acquisition series, where every image has one.
    public let series: [String: Int]?
    /// Acquisition runs that are known.
    public let runs: Int?
    /// Where the images come from, who made them and under which terms, in Markdown; nil where nobody said.
    public let source: String?

    public init(
        images: [String: Int], patients: Int? = nil, series: [String: Int]? = nil, runs: Int? = nil,
        source: String? = nil
    ) {
        (self.images, self.patients, self.series) = (images, patients, series)
        (self.runs, self.source) = (runs, source)
    }

    /// - Parameters:
    ///   - manifest: Of the set.
    ///   - source: Where the images come from; white space around it is left out.
    public init(_ manifest: Manifest, source: String?) {
        let entries = manifest.entries
        func all(_ value: (Manifest.Entry) -> String?) -> [String: Int]? {
            let known = entries.compactMap(value)
            guard known.count == entries.count, !known.isEmpty else { return nil }
            return Dictionary(known.map { ($0, 1) }, uniquingKeysWith: +)
        }
        let text = source?.trimmingCharacters(in: .whitespacesAndNewlines)
        let runs = Set(entries.compactMap(\.run)).count
        self.init(
            images: Dictionary(
                uniqueKeysWithValues: SmearClass.allCases.map { smearClass in
                    (smearClass.rawValue, entries.count { $0.label == smearClass.index })
                }),
            patients: all(\.patient)?.count, series: all(\.series), runs: runs > 0 ? runs : nil,
            source: text?.isEmpty == false ? text : nil)
    }

    /// The set in a sentence or two.
    var words: String {
        let classes = SmearClass.allCases.compactMap { smearClass in
            images[smearClass.rawValue].map { "\($0) `\(smearClass.rawValue)`" }
        }
        let people =
            patients.map { "of \($0) people" } ?? "with no patient numbers, so that no split can be by patient"
        let origin = source ?? "Where they come from was not recorded with the package."
        return "\(images.values.reduce(0, +)) images (\(classes.joined(separator: ", "))), \(people). \(origin)"
    }

    /// What is known of how they were taken.
    var acquisition: String {
        var parts: [String] = []
        if let series {
            parts.append(
                series.sorted { $0.key < $1.key }.map { "`\($0.key)` \($0.value)" }.joined(separator: ", ")
                    + " images of each acquisition series")
        }
        if let runs { parts.append("\(runs) acquisition runs are known") }
        return parts.isEmpty ? "How they were taken is not recorded." : parts.joined(separator: "; ") + "."
    }
}

/// Why a training came to nothing.
public enum TrainingFault: Sendable, Equatable, Codable, CustomStringConvertible {
    /// A class has no image to learn from.
    case noImages(String)
    /// A class has a single image to learn from.
    case oneImage(String)
    /// The mean sensitivity of the classes on held-out images is not above what guessing gives.
    case atChance(found: Double, chance: Double)

    /// What can be seen of the images before anything is trained.
    ///
    /// - Parameters:
    ///   - labels: The class of each training image, an index into `classKeys`.
    ///   - classKeys: In the order of the labels.
    public static func all(inLabels labels: [Int], classKeys: [String]) -> [TrainingFault] {
        classKeys.enumerated().compactMap { label, key in
            switch labels.count(where: { $0 == label }) {
            case 0: .noImages(key)
            case 1: .oneImage(key)
            default: nil
            }
        }
    }

    /// What can be seen of the answers to held-out images: the mean sensitivity of the classes that they hold has to be above
    /// one over their number by more than the standard error of guessing.
    ///
    /// - Parameters:
    ///   - labels: The true classes.
    ///   - answers: The classes answered.
    public static func all(labels: [Int], answers: [Int]) -> [TrainingFault] {
        let classes = Set(labels)
        guard classes.count > 1 else { return [] }
        let chance = 1 / Double(classes.count)
        let sensitivities = classes.map { label -> Double in
            let own = zip(labels, answers).filter { $0.0 == label }
            return Double(own.count { $0.1 == label }) / Double(own.count)
        }
        let found = sensitivities.reduce(0, +) / Double(classes.count)
        let error = (chance * (1 - chance) / Double(labels.count)).squareRoot()
        return found > chance + error ? [] : [.atChance(found: found, chance: chance)]
    }

    public var description: String {
        switch self {
        case .noImages(let key): "class \(key) has no image to learn from"
        case .oneImage(let key): "class \(key) has a single image to learn from"
        case .atChance(let found, let chance):
            String(
                format: "the mean sensitivity of the classes on held-out images is %.3f, and guessing gives %.3f",
                found,
                chance)
        }
    }
}

/// That a package was released although its training came to nothing.
public struct DespiteFaults: Codable, Sendable, Equatable {
    /// As told at the time.
    public let faults: [String]
    /// In the words of whoever released it.
    public let reason: String

    public init(_ faults: [TrainingFault], reason: String) {
        self.faults = faults.map(\.description)
        self.reason = reason
    }
}
