import Findings
import Foundation

/// Which runs a data set has, how many images are assigned to one, and which classes can be judged between runs.
public struct RunCoverage: Sendable, Equatable, Codable {
    /// One run of a class.
    public struct Run: Sendable, Equatable, Codable {
        public let name: String
        /// Images of the class in it.
        public let images: Int
    }

    /// The runs of one class.
    public struct ClassRuns: Sendable, Equatable, Codable {
        public let key: String
        public let images: Int
        /// Images whose run is known.
        public let assigned: Int
        /// Largest first.
        public let runs: [Run]
        /// Whether there are `minimumRuns`, so that what differs between runs shows.
        public let isMeasurable: Bool
        /// Why not; nil where it is.
        public let reason: String?
    }

    /// Fewest runs of a class whose figures say something about another run: each left out leaves two to learn from.
    public static let minimumRuns = 3

    public let images: Int
    /// Images whose run is known. The others are in no part, neither to learn from nor to test on.
    public let assigned: Int
    /// In class order; classes without images are left out.
    public let classes: [ClassRuns]
    /// The runs that each fold leaves out, by name.
    public let folds: [[String]]

    /// Share of images whose run is known, 0 to 1.
    public var share: Double { images == 0 ? 0 : Double(assigned) / Double(images) }

    /// - Parameter folds: `[fold][image]` positions of the test parts; none where only runs are counted.
    public init(_ dataset: Dataset, folds: [[Int]] = []) {
        let entries = dataset.manifest.entries
        images = entries.count
        assigned = entries.count { $0.run != nil }
        classes = SmearClass.allCases.indices.compactMap { label in
            let own = entries.filter { $0.label == label }
            return own.isEmpty ? nil : ClassRuns(key: SmearClass.keys[label], own)
        }
        self.folds = folds.map { Set($0.compactMap { entries[$0].run }).sorted() }
    }

    /// What a person reads of it, in lines.
    public var text: String {
        let count = Set(classes.flatMap(\.runs).map(\.name)).count
        var lines = [
            "\(assigned) of \(images) images (\(String(format: "%.2f", 100 * share)) %) are assigned to \(count) runs."
        ]
        for one in classes {
            let runs = one.runs.map { "\($0.name) \($0.images)" }.joined(separator: ", ")
            let verdict = one.reason.map { "not measurable between runs: \($0)" } ?? "measurable"
            lines.append("\(one.key): \(one.assigned) of \(one.images), \(runs.isEmpty ? "no run" : runs); \(verdict)")
        }
        for (fold, runs) in folds.enumerated() {
            lines.append("fold \(fold + 1) leaves out \(runs.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension RunCoverage.ClassRuns {
    fileprivate init(key: String, _ entries: [Manifest.Entry]) {
        self.key = key
        images = entries.count
        let names = entries.compactMap(\.run)
        assigned = names.count
        runs = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
            .map { RunCoverage.Run(name: $0.key, images: $0.value) }
            .sorted { ($1.images, $0.name) < ($0.images, $1.name) }
        isMeasurable = runs.count >= RunCoverage.minimumRuns
        guard runs.count < RunCoverage.minimumRuns else {
            reason = nil
            return
        }
        let least = runs.last.map { ", the smallest with \($0.images) images" } ?? ""
        reason = "\(runs.count) of the \(RunCoverage.minimumRuns) runs needed\(least)"
    }
}
