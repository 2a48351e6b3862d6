import Evaluation
import Findings
import Foundation
import Testing
import Training

@Suite struct CaseTrialTests {
    private static func row(
        _ file: String, _ smearClass: SmearClass, _ run: String, _ decision: Decision, _ answer: SmearClass
    ) -> FieldAnswers.Row {
        .init(
            file: file, smearClass: smearClass, run: run, part: .heldOut, decision: decision, alone: .report,
            answer: answer,
            cells: .init(cells: 12.5, blastLike: smearClass.isMalignant ? 10 : 0.25, highest: nil, area: 3))
    }

    private static let answers: FieldAnswers = {
        var rows: [FieldAnswers.Row] = []
        for run in 0..<3 {
            for place in 0..<20 {
                // One field in twenty of the first run is wrong; the cells let the field network alone say so.
                let isWrong = place == 0 && run == 0
                rows.append(row("ill-\(run)-\(place)", .preB, "ill-\(run)", .report, .preB))
                rows.append(
                    row(
                        "well-\(run)-\(place)", .benign, "well-\(run)", isWrong ? .uncertain : .report,
                        isWrong ? .proB : .benign))
            }
        }
        return FieldAnswers(rows: rows)
    }()

    @Test func `a table of answers goes through its text, and another is refused`() throws {
        #expect(try FieldAnswers(text: Self.answers.text) == Self.answers)
        var none = Self.answers
        none.rows[0].cells = nil
        #expect(try FieldAnswers(text: none.text) == none)
        var novel = Self.answers
        (novel.rows[0].novelty, novel.rows[0].series) = (1.25, "boxed-200")
        #expect(try FieldAnswers(text: novel.text) == novel)
        // A table of an earlier version ends before novelty and series.
        let earlier = Self.answers.text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).dropLast(2).joined(separator: "\t") + "\n"
        }.joined()
        #expect(try FieldAnswers(text: earlier) == Self.answers)
        let endless = novel.text.replacing("1.2500\tboxed-200", with: "inf\tboxed-200")
        for broken in ["", "file\tclass\n", Self.answers.text + "one line too many\n", earlier + "\t\n", endless] {
            #expect(throws: TrainingError.self) { try FieldAnswers(text: broken) }
        }
    }

    @Test func `an answer of a fold stands in the place of the shipped network's, unless the cells contradict`() {
        let row = Self.row("a", .benign, "r", .report, .benign)
        let limits = AgreementLimits(benignMaximum: 0.6, malignantMinimum: 0.4)
        let fold = FoldAnswer(answer: .preB, decision: .report, novelty: 1.5)
        let backed = row.corrected(by: fold, evidence: 0.5, agreement: limits)
        #expect((backed.decision, backed.alone) == (.report, .report))
        #expect((backed.answer, backed.part) == (.preB, .crossValidated))
        #expect(backed.novelty == 1.5)
        #expect(row.corrected(by: fold, evidence: 0.3, agreement: limits).decision == .uncertain)
        #expect(row.corrected(by: fold, evidence: nil, agreement: limits).decision == .report)
    }

    @Test func `the trial counts what the rule was fitted for`() throws {
        var settings = VerdictFit.Settings()
        settings.sets = 1500
        let fit = try VerdictFit(
            Self.answers.measured(.fieldAlone), field: FieldModel(), model: .init(name: "m", version: "1"),
            settings: settings)
        var trial = CaseTrial(fit.rule, settings: settings)
        for readers in FieldAnswers.Readers.allCases {
            try trial.add(Self.answers, name: "ours", readers: readers, rule: fit.rule)
        }
        let (both, alone) = (trial.sources[0], trial.sources[1])
        #expect(both.without == ["well-0": 20, "well-1": 20, "well-2": 20] && both.parts == ["held-out": 120])
        let ten = try #require(alone.sizes.first { $0.fields == 10 })
        // Half of the sets of ten of the first of three runs hold the wrong field.
        #expect(abs(ten.today.without.value - 1.0 / 6) < 0.03)
        #expect(ten.rule.without.value <= ten.today.without.value / 3 && ten.rule.withLeukaemia.value == 1)
        #expect(both.sizes.allSatisfy { $0.today.without.value == 0 })
        let sparse = try #require(alone.sparse.first { $0.malignant == 5 })
        #expect(sparse.today.value == 1 && sparse.rule.value == 1 && sparse.benign.value == 0)
        #expect(try JSONDecoder().decode(CaseTrial.self, from: trial.json()) == trial)
        #expect(throws: TrainingError.self) {
            try trial.add(FieldAnswers(rows: []), name: "none", readers: .both, rule: fit.rule)
        }
    }
}
