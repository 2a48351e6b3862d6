import Foundation

/// How a model answered images of the data it was made from: what its answers in use are compared with.
///
/// An optional part of `metrics.json`, under `reference`: counts by class, and of confidence and novelty in bins. Bins are
/// fixed here and not deciles of the reference, so that two packages' charts can be laid side by side, and because the
/// confidences of a good network lie so close to 1 that deciles would part what nobody can tell apart.
public struct ReferenceDistribution: Sendable, Equatable, Codable {
    /// Which images they were: `validation`, held out of training, or `labelled`, all of a labelled set.
    public enum Source: String, Sendable, Codable { case validation, labelled }

    /// Counts of values by bins.
    public struct Bins: Sendable, Equatable, Codable {
        /// Where one bin ends and the next begins, ascending; the value itself belongs to the upper one.
        public let edges: [Double]
        /// One more than `edges`.
        public let counts: [Int]

        /// Counts values; those that are no numbers are left out.
        public init(edges: [Double], values: [Double]) {
            var counts = [Int](repeating: 0, count: edges.count + 1)
            for value in values where value.isFinite { counts[Self.index(of: value, edges: edges)] += 1 }
            self.edges = edges
            self.counts = counts
        }

        /// Counts other values in the same bins.
        public func counting(_ values: [Double]) -> Bins { Bins(edges: edges, values: values) }

        private static func index(of value: Double, edges: [Double]) -> Int {
            edges.firstIndex { value < $0 } ?? edges.count
        }
    }

    /// Ends of the bins of confidence.
    public static let confidenceEdges = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999]
    /// Ends of the bins of novelty.
    public static let noveltyEdges = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6]

    public let source: Source
    public let images: Int
    /// Images by the class that the model gave them.
    public let classes: [String: Int]
    public let confidence: Bins
    public let novelty: Bins

    /// - Parameters:
    ///   - source: Which images they are.
    ///   - answers: For each image the class, its probability and the novelty.
    ///   - classKeys: All classes, so that one that never came is there with 0.
    public init(
        source: Source, answers: [(label: String, confidence: Double, novelty: Double)], classKeys: [String]
    ) {
        self.source = source
        images = answers.count
        var classes = Dictionary(classKeys.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
        for answer in answers { classes[answer.label, default: 0] += 1 }
        self.classes = classes
        confidence = Bins(edges: Self.confidenceEdges, values: answers.map(\.confidence))
        novelty = Bins(edges: Self.noveltyEdges, values: answers.map(\.novelty))
    }
}

extension ReferenceDistribution {
    private struct File: Decodable { let reference: ReferenceDistribution? }

    /// The reference in a `metrics.json`.
    ///
    /// - Returns: `nil` where the file has none.
    /// - Throws: `PackagingError` with `.malformed`.
    public static func read(_ json: Data) throws -> ReferenceDistribution? {
        do {
            guard let found = try JSONDecoder().decode(File.self, from: json).reference else { return nil }
            guard found.confidence.isSound, found.novelty.isSound, found.classes.values.allSatisfy({ $0 >= 0 }) else {
                throw PackagingError(
                    .malformed, "the counts of reference do not fit their bins", path: ModelPackage.FileName.metrics)
            }
            return found
        } catch let error as PackagingError {
            throw error
        } catch {
            throw PackagingError(
                .malformed, "holds a reference that cannot be read", path: ModelPackage.FileName.metrics,
                underlying: error)
        }
    }

    /// The same `metrics.json` with this reference in place of any it had; everything else as it was.
    ///
    /// - Throws: `PackagingError` with `.malformed` when the file is no JSON object.
    public func added(to json: Data) throws -> Data {
        try MetricsFile.adding("reference", self, to: json)
    }
}

extension ReferenceDistribution.Bins {
    fileprivate var isSound: Bool {
        counts.count == edges.count + 1 && counts.allSatisfy { $0 >= 0 } && edges.allSatisfy(\.isFinite)
            && zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 }
    }
}
