import Evaluation
import Findings
import Formats
import Foundation

/// What a package answered to labelled fields, one a line: what the rule on cases is computed from.
///
/// Tab-separated, with a head. `class` is the true one; `part` says what the answer is worth; `alone` is the decision that the
/// field network comes to without the cells; `answer` is its most probable class; then what the cells came to, empty for a
/// model that reads none; then the novelty of the image to what answered, and its acquisition series, empty where they are not
/// known. Tables of earlier versions end before these two.
public struct FieldAnswers: Sendable, Equatable {
    /// What an answer is worth.
    public enum Part: String, Sendable, Codable, CaseIterable {
        /// The class is that of a network that had no part of its fold in training; the cells are those of the package.
        case crossValidated = "cross-validated"
        /// The field network did not learn from it.
        case heldOut = "held-out"
        /// The field network learned from it.
        case trained
    }

    public struct Row: Sendable, Equatable {
        public var file: String
        public var smearClass: SmearClass
        public var run: String
        public var part: Part
        public var decision: Decision
        public var alone: Decision
        public var answer: SmearClass
        public var cells: CellFindings.Counts?
        /// 0 or more, above 1 unfamiliar; of a cross-validated answer by the images of its fold. Nil where it is not known.
        public var novelty: Double?
        /// Microscope, camera, session; nil where it is not known.
        public var series: String?

        public init(
            file: String, smearClass: SmearClass, run: String, part: Part, decision: Decision, alone: Decision,
            answer: SmearClass, cells: CellFindings.Counts?, novelty: Double? = nil, series: String? = nil
        ) {
            (self.file, self.smearClass, self.run, self.part) = (file, smearClass, run, part)
            (self.decision, self.alone, self.answer, self.cells) = (decision, alone, answer, cells)
            (self.novelty, self.series) = (novelty, series)
        }
    }

    /// Whose decision counts.
    public enum Readers: String, Sendable, Codable, CaseIterable {
        /// A class is reported only where field and cells agree, as the server does.
        case both
        /// The field network alone.
        case fieldAlone = "field alone"
    }

    public var rows: [Row]

    public init(rows: [Row]) { self.rows = rows }

    private static let earlierHead = [
        "file", "class", "run", "part", "decision", "alone", "answer", "cells", "blastLike", "highest", "area",
    ]
    private static let head = earlierHead + ["novelty", "series"]

    /// The table as text.
    public var text: String {
        let lines = rows.map { row in
            let cells = row.cells.map {
                [number($0.cells), number($0.blastLike), $0.highest.map(number) ?? "", number($0.area)]
            }
            return [
                row.file, row.smearClass.rawValue, row.run, row.part.rawValue, row.decision.rawValue,
                row.alone.rawValue, row.answer.rawValue,
            ] + (cells ?? ["", "", "", ""]) + [row.novelty.map(number) ?? "", row.series ?? ""]
        }
        return ([Self.head] + lines).map { $0.joined(separator: "\t") + "\n" }.joined()
    }

    private func number(_ value: Double) -> String { String(format: "%.4f", value) }

    /// - Throws: `TrainingError` for a line that is none of this table.
    public init(text: String) throws {
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        let head = lines.first?.map(String.init)
        guard head == Self.head || head == Self.earlierHead else {
            throw TrainingError(.data, "a table of answers begins with \(Self.head.joined(separator: " "))")
        }
        rows = try lines.dropFirst().enumerated().map { place, fields in
            guard fields.count == head?.count, let row = Self.row(fields.map(String.init)) else {
                throw TrainingError(.data, "line \(place + 2) is no answer of a table of answers")
            }
            return row
        }
    }

    private static func row(_ fields: [String]) -> Row? {
        guard let smearClass = SmearClass(rawValue: fields[1]), !fields[2].isEmpty,
            let part = Part(rawValue: fields[3]), let decision = Decision(rawValue: fields[4]),
            let alone = Decision(rawValue: fields[5]), let answer = SmearClass(rawValue: fields[6])
        else { return nil }
        var cells: CellFindings.Counts?
        if !fields[7].isEmpty {
            guard let count = Double(fields[7]), let blastLike = Double(fields[8]), let area = Double(fields[10]),
                fields[9].isEmpty || Double(fields[9]) != nil
            else { return nil }
            cells = .init(cells: count, blastLike: blastLike, highest: Double(fields[9]), area: area)
        }
        let (novelty, series) = fields.count > 12 ? (fields[11], fields[12]) : ("", "")
        guard novelty.isEmpty || Double(novelty)?.isFinite == true else { return nil }
        return Row(
            file: fields[0], smearClass: smearClass, run: fields[2], part: part, decision: decision, alone: alone,
            answer: answer, cells: cells, novelty: Double(novelty), series: series.isEmpty ? nil : series)
    }

    /// For drawing sets of them.
    public func measured(_ readers: Readers) -> [MeasuredField] {
        rows.map { row in
            MeasuredField(
                run: row.run, isMalignant: row.smearClass.isMalignant,
                decision: readers == .both ? row.decision : row.alone, label: row.answer, cells: row.cells)
        }
    }
}

extension FieldAnswers.Row {
    /// The decision and what it would be without the cells, from an outcome.
    public init(
        file: String, smearClass: SmearClass, run: String, series: String? = nil, part: FieldAnswers.Part,
        outcome: ScreeningOutcome
    ) {
        let isOfCells = outcome.reasons.allSatisfy { ["readers-disagree", "unchecked"].contains($0.code) }
        self.init(
            file: file, smearClass: smearClass, run: run, part: part, decision: outcome.decision,
            alone: outcome.decision == .uncertain && isOfCells ? .report : outcome.decision, answer: outcome.label,
            cells: outcome.cells?.counts, novelty: outcome.novelty, series: series)
    }

    /// The same with what a network of the same recipe answered that had no part in the image, in place of what the shipped
    /// network does; where the cells contradict it, it is no report.
    ///
    /// - Parameters:
    ///   - fold: What that network answered.
    ///   - evidence: That of the cells, 0 to 1; nil for a model that reads none.
    ///   - agreement: What it is held against.
    public func corrected(by fold: FoldAnswer, evidence: Double?, agreement: AgreementLimits?) -> Self {
        var row = self
        (row.part, row.alone, row.answer, row.decision) = (.crossValidated, fold.decision, fold.answer, fold.decision)
        row.novelty = fold.novelty ?? row.novelty
        if let evidence, let agreement, fold.decision == .report {
            let agrees =
                fold.answer.isMalignant
                ? evidence >= agreement.malignantMinimum : evidence <= agreement.benignMaximum
            row.decision = agrees ? .report : .uncertain
        }
        return row
    }
}

/// What a network of a cross-validation answered to an image of its test part.
public struct FoldAnswer: Sendable, Equatable {
    public let answer: SmearClass
    public let decision: Decision
    /// How the image looks beside those that the network learned from; nil in results that do not tell it.
    public let novelty: Double?

    public init(answer: SmearClass, decision: Decision, novelty: Double? = nil) {
        (self.answer, self.decision, self.novelty) = (answer, decision, novelty)
    }

    /// The mistakes that results name: the most confident ones, by file. All other answers were right, or less sure.
    public static func mistakes(of results: CrossValidationResults) -> [String: FoldAnswer] {
        Dictionary(
            results.mistakes.compactMap { mistake in
                SmearClass(rawValue: mistake.answer).map {
                    (mistake.file, .init(answer: $0, decision: mistake.decision))
                }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Every answer of the finished folds in a folder of cross-validation, each calibrated on the other folds, by file.
    ///
    /// - Throws: `TrainingError` or `EvaluationError` for a folder without finished folds.
    public static func all(in directory: URL) throws -> [String: FoldAnswer] {
        let judged = try JudgedFolds(FoldNetworks(directory: directory).folds)
        let answers = zip(judged.folds, judged.decided).flatMap { fold, decided in
            // Counted and held against the answers by `FoldResult.facts`.
            zip(decided, fold.novelties).compactMap { decided, novelty in
                SmearClass(index: decided.prediction.predicted).map {
                    (decided.prediction.id, FoldAnswer(answer: $0, decision: decided.decision, novelty: novelty))
                }
            }
        }
        return Dictionary(answers, uniquingKeysWith: { first, _ in first })
    }
}
