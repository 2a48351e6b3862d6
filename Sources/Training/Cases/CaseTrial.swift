import Evaluation
import Findings
import Formats
import Foundation

/// Rules on cases, tried on sets drawn from measured fields: that of a package against one malignant report.
public struct CaseTrial: Sendable, Equatable, Codable {
    /// How often sets are called urgently, and how often sets with leukaemia would be called benign.
    public struct Figures: Sendable, Equatable, Codable {
        public let withLeukaemia: VerdictRule.Rate
        public let without: VerdictRule.Rate
        public let benignWithLeukaemia: VerdictRule.Rate
    }

    /// Sets of one size.
    public struct Size: Sendable, Equatable, Codable {
        public let fields: Int
        /// That the rule asks for.
        public let witnesses: Int
        /// One malignant report.
        public let today: Figures
        public let rule: Figures
    }

    /// Sets in which few fields show leukaemia.
    public struct Sparse: Sendable, Equatable, Codable {
        public let malignant: Int
        public let fields: Int
        /// Shares of them that are called urgently.
        public let today: VerdictRule.Rate
        public let rule: VerdictRule.Rate
        /// Share that the rule would call benign.
        public let benign: VerdictRule.Rate
    }

    /// Fields of one origin, read in one way.
    public struct Source: Sendable, Equatable, Codable {
        public let name: String
        public let readers: FieldAnswers.Readers
        /// Images of each run with and without leukaemia, and of each part.
        public let withLeukaemia: [String: Int]
        public let without: [String: Int]
        public let parts: [String: Int]
        public let sizes: [Size]
        public let sparse: [Sparse]
    }

    public let model: ScreeningOutcome.Model
    public let sets: Int
    public let seed: UInt64
    /// Log-odds above which the cells are a witness; nil where none are read.
    public let cellLimit: Double?
    public private(set) var sources: [Source]

    /// - Parameters:
    ///   - rule: That is tried.
    ///   - settings: Those of the fit.
    public init(_ rule: VerdictRule, settings: VerdictFit.Settings) {
        model = rule.model
        (sets, seed, cellLimit) = (settings.sets, settings.seed, rule.cells?.limit)
        sources = []
    }

    /// Sizes that are told.
    static let sizes = [1, 2, 3, 5, 10, 15, 20]

    /// Tries the rule on the fields of one origin.
    ///
    /// - Throws: `TrainingError` for an origin that has no fields with or without leukaemia.
    public mutating func add(
        _ answers: FieldAnswers, name: String, readers: FieldAnswers.Readers, rule: VerdictRule
    ) throws {
        let measured = answers.measured(readers)
        let trial = Trial(measured: measured, rule: rule, sets: sets, seed: seed)
        let sizes = Self.sizes.compactMap(trial.size)
        guard !sizes.isEmpty else {
            throw TrainingError(.data, "\(name) needs fields with and without leukaemia to draw sets of")
        }
        func counts(_ isMalignant: Bool) -> [String: Int] {
            Dictionary(measured.filter { $0.isMalignant == isMalignant }.map { ($0.run, 1) }, uniquingKeysWith: +)
        }
        sources.append(
            Source(
                name: name, readers: readers, withLeukaemia: counts(true), without: counts(false),
                parts: Dictionary(answers.rows.map { ($0.part.rawValue, 1) }, uniquingKeysWith: +), sizes: sizes,
                sparse: [1, 2, 3, 5].compactMap { trial.sparse($0, of: 10) }))
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    private struct Trial {
        let measured: [MeasuredField]
        let rule: VerdictRule
        let sets: Int
        let seed: UInt64
        private var limit: Double? { rule.cells?.limit }

        init(measured: [MeasuredField], rule: VerdictRule, sets: Int, seed: UInt64) {
            (self.measured, self.rule, self.sets, self.seed) = (measured, rule, sets, seed)
        }

        func size(_ fields: Int) -> Size? {
            func drawn(_ isMalignant: Bool) -> PseudoCases? {
                PseudoCases(
                    of: measured, isMalignant: isMalignant, fields: fields, count: sets, field: rule.cells?.field,
                    seed: seed)
            }
            guard let ill = drawn(true), let well = drawn(false), let step = rule.step(ofFields: fields) else {
                return nil
            }
            return Size(
                fields: fields, witnesses: step.witnesses,
                today: figures(ill, well, witnesses: 1, limit: nil),
                rule: figures(ill, well, witnesses: step.witnesses, limit: limit))
        }

        private func figures(_ ill: PseudoCases, _ well: PseudoCases, witnesses: Int, limit: Double?) -> Figures {
            Figures(
                withLeukaemia: ill.rate { $0.isUrgent(witnesses: witnesses, cellLimit: limit) },
                without: well.rate { $0.isUrgent(witnesses: witnesses, cellLimit: limit) },
                benignWithLeukaemia: ill.rate { $0.isAllBenign && !$0.speaks(limit) })
        }

        func sparse(_ malignant: Int, of fields: Int) -> Sparse? {
            guard let step = rule.step(ofFields: fields),
                let drawn = PseudoCases(
                    of: measured, malignant: malignant, fields: fields, count: sets, field: rule.cells?.field,
                    seed: seed)
            else { return nil }
            return Sparse(
                malignant: malignant, fields: fields,
                today: drawn.rate { $0.isUrgent(witnesses: 1, cellLimit: nil) },
                rule: drawn.rate { $0.isUrgent(witnesses: step.witnesses, cellLimit: limit) },
                benign: drawn.rate { $0.isAllBenign && !$0.speaks(limit) })
        }
    }
}
