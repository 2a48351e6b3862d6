import Clinic
import Findings
import Foundation
import Testing

@Suite struct CaseVerdictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let findings: String
        var pending = 0
        var failed = 0
        let kind: CaseVerdict.Kind

        var testDescription: String { "\(findings) pending \(pending) failed \(failed)" }

        /// `b` benign, `e` early pre-B, `p` pre-B, `o` pro-B, `?` uncertain, `x` rejected; the last two with a class
        /// that must not count.
        var parsed: [Finding] {
            findings.map { letter in
                let labels: [Character: SmearClass] = ["b": .benign, "e": .earlyPreB, "p": .preB, "o": .proB]
                let decision: Decision = letter == "?" ? .uncertain : letter == "x" ? .rejected : .report
                return Finding(decision: decision, label: labels[letter] ?? .proB, confidence: 0.9)
            }
        }
    }

    @Test(
        arguments: [
            Row(findings: "", kind: .empty), Row(findings: "", pending: 2, kind: .waiting),
            Row(findings: "b", kind: .benign), Row(findings: "bbb", kind: .benign), Row(findings: "bbx", kind: .benign),
            Row(findings: "bb", failed: 1, kind: .benign), Row(findings: "bb", pending: 1, kind: .waiting),
            Row(findings: "bb?", kind: .undecided), Row(findings: "?", kind: .undecided),
            Row(findings: "bbbbbbbbbp", kind: .urgent), Row(findings: "p", pending: 5, kind: .urgent),
            Row(findings: "e?xb", kind: .urgent), Row(findings: "xx", kind: .unusable),
            Row(findings: "", failed: 1, kind: .unusable), Row(findings: "x", pending: 1, kind: .waiting),
        ])
    func `one malignant report asks for a reading; benign needs every usable image`(row: Row) {
        let verdict = CaseVerdict(
            findings: row.parsed, isQualified: true, pendingCount: row.pending, failedCount: row.failed)
        #expect(verdict.kind == row.kind && verdict.unqualifiedCount == 0 && !verdict.isUnqualifiedBenign)
        // Only benign takes a qualified microscope.
        let unqualified = CaseVerdict(findings: row.parsed, pendingCount: row.pending, failedCount: row.failed)
        #expect(unqualified.kind == (row.kind == .benign ? .undecided : row.kind))
        #expect(unqualified.isUnqualifiedBenign == (row.kind == .benign))
        #expect(unqualified.unqualifiedCount == unqualified.usableCount)
    }

    @Test
    func `one image of a microscope that is not qualified takes “benign” away, a doctor's signature gives it back`() {
        let benign = Finding(decision: .report, label: .benign, confidence: 0.9)
        func verdict(_ readings: [Reading]) -> CaseVerdict {
            CaseVerdict(
                fields: [
                    CaseField(finding: benign, isQualified: true),
                    CaseField(imageID: ImageID(), network: benign, readings: readings, facts: nil),
                ], pendingCount: 0, failedCount: 0)
        }
        #expect(verdict([]).kind == .undecided && verdict([]).unqualifiedCount == 1)
        let at = Date(timeIntervalSince1970: 0)
        let signed = Reading(
            screeningID: ScreeningID(), readerID: UserID(), revision: 1, label: .smearClass(.benign), comment: "",
            networkLabel: .benign, networkDecision: .report, modelName: "m", modelVersion: "1", isBlind: false,
            signedAt: at, createdAt: at, updatedAt: at)
        #expect(verdict([signed]).kind == .benign)
    }

    @Test func `what was said is counted, the most frequent malignant class first`() {
        let verdict = CaseVerdict(
            findings: Row(findings: "peebb?xx", kind: .urgent).parsed, pendingCount: 1, failedCount: 3)
        #expect(verdict.malignant == [.init(label: .earlyPreB, images: 2), .init(label: .preB, images: 1)])
        #expect((verdict.benignCount, verdict.uncertainCount, verdict.rejectedCount) == (2, 1, 2))
        #expect((verdict.pendingCount, verdict.failedCount) == (1, 3))
        #expect(verdict.usableCount == 6)
        #expect(verdict.missingFields == CaseVerdict.wantedFields - 6)
    }

    @Test(
        arguments: [
            ("  Sample\t2041 \n day 1 ", "Sample 2041 day 1"), ("a\u{0}b", "a b"),
        ])
    func `a title is one line of bounded length`(written: String, kept: String) throws {
        #expect(try SmearCase.title(written) == kept)
        #expect(throws: ClinicError.self) { try SmearCase.title(" \n ") }
        #expect(throws: ClinicError.self) { try SmearCase.title(String(repeating: "a", count: 121)) }
        #expect(try SmearCase.note("one\r\ntwo\u{7}") == "one\ntwo")
    }
}
