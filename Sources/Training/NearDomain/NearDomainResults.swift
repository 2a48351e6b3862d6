import Findings
import Formats
import Foundation
import Imaging

/// What a model says of fields that are changed to look as its own images do, or as another camera would show them.
public struct NearDomainResults: Codable, Sendable {
    /// The name of the images as they are, among those of the changes.
    public static let unchanged = "unchanged"
    /// Most answers that are named one by one.
    static let mostNamed = 200

    /// The answers to the fields of one class in one set, under one change.
    public struct Row: Codable, Sendable, Equatable {
        public let set: String
        /// The key of a class, or `healthy`.
        public let kind: String
        public let isMalignant: Bool
        /// The change's name, or `unchanged`.
        public let change: String
        /// Fields that the change altered, and that were screened.
        public var images = 0
        /// Fields that it left as they were, as where no nucleus is found; they are not screened again.
        public var untouched = 0
        public var reported = 0
        public var uncertain = 0
        public var rejected = 0
        /// Of the reported.
        public var reportedBenign = 0
        public var reportedMalignant = 0
    }

    /// The fields of one class in one set, over all changes.
    public struct Fields: Codable, Sendable, Equatable {
        public let set: String
        public let kind: String
        public let isMalignant: Bool
        public var fields = 0
        /// Fields with a confident wrong answer, as they are or under any change: Benign on a malignant field, malignant on
        /// another.
        public var everWrong = 0
    }

    /// A confident wrong answer.
    public struct Wrong: Codable, Sendable, Equatable {
        public let image: String
        public let change: String
        public let label: SmearClass
        /// As the model measures it; larger is less familiar.
        public let novelty: Double
    }

    /// Who answered.
    public struct Model: Codable, Sendable, Equatable {
        public let name: String
        /// nil for the networks of a cross-validation.
        public let version: String?
        /// How many networks of a cross-validation answered, each its own test images; nil for one model.
        public let folds: Int?
        /// How the folds were cut.
        public let split: String?

        public init(name: String, version: String? = nil, folds: Int? = nil, split: String? = nil) {
            (self.name, self.version, self.folds, self.split) = (name, version, folds, split)
        }
    }

    public let model: Model
    public let seed: UInt64
    /// SHA-256 of the manifest of the labelled images.
    public let manifestSHA256: String
    public let reference: NearDomainReference
    /// By set and kind, each unchanged first, then in the order of `NearDomainChange`.
    public let rows: [Row]
    public let fields: [Fields]
    /// The first ones by image.
    public let wrong: [Wrong]

    public init(
        model: Model, seed: UInt64, manifestSHA256: String, reference: NearDomainReference, tally: NearDomainTally
    ) {
        (self.model, self.seed) = (model, seed)
        (self.manifestSHA256, self.reference) = (manifestSHA256, reference)
        rows = tally.sortedRows
        fields = tally.sortedFields
        wrong = Array(tally.sortedWrong.prefix(Self.mostNamed))
    }

    /// A share of images: those of whom something is counted, and all.
    public struct Share: Sendable {
        public let count: Int
        public let images: Int

        /// 0 to 1; nil without images.
        public var value: Double? { images == 0 ? nil : Double(count) / Double(images) }
    }

    private func share(_ count: (Row) -> Int, where isMeant: (Row) -> Bool) -> Share {
        let meant = rows.filter(isMeant)
        return Share(count: meant.map(count).reduce(0, +), images: meant.map(\.images).reduce(0, +))
    }

    /// Malignant fields, changed, that are reported as Benign.
    public var falseReassurance: Share {
        share(\.reportedBenign) { $0.isMalignant && $0.change != Self.unchanged }
    }

    /// Benign fields and fields of healthy people, changed, that are reported as malignant.
    public var falseAlarm: Share {
        share(\.reportedMalignant) { !$0.isMalignant && $0.change != Self.unchanged }
    }

    /// Labelled fields that are reported as they are.
    public var coverage: Share {
        share(\.reported) { $0.kind != NearDomainSubject.healthy && $0.change == Self.unchanged }
    }

    /// Labelled fields that are reported though they are changed.
    public var changedCoverage: Share {
        share(\.reported) { $0.kind != NearDomainSubject.healthy && $0.change != Self.unchanged }
    }

    /// The results file.
    /// - Throws: `EncodingError`, for a number that is not finite.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    /// The four shares in words.
    public var summary: String {
        func line(_ words: String, _ share: Share) -> String {
            let percent = share.value.map { String(format: "%.3f %%", 100 * $0) } ?? "–"
            return "\(words): \(share.count) of \(share.images) (\(percent))"
        }
        return [
            line("malignant fields reported as Benign, changed", falseReassurance),
            line("other fields reported as malignant, changed", falseAlarm),
            line("labelled fields reported, as they are", coverage),
            line("labelled fields reported, changed", changedCoverage),
        ].joined(separator: "\n")
    }
}
