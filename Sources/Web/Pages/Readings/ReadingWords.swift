import Clinic
import Findings
import Foundation
import Wording

/// A doctor's signed reading in words, for the pages that show it beside the network's answer.
struct ReadingView: Sendable {
    /// A revision that another one replaced.
    struct Earlier: Sendable {
        let label: String
        let time: PageTime
    }

    let reader: String
    let qualifications: String?
    /// The class, or that the image cannot be read.
    let label: String
    let time: PageTime
    let comment: String?
    /// `agrees`, `differs`, `networkSilent`, `unreadable` or `otherKind`.
    let agreementKey: String
    let agreement: String
    let isBlind: Bool
    let earlier: [Earlier]

    init(_ signed: SignedReading, text: TextCatalogue) {
        let words = ReadingWords(text: text)
        let reading = signed.reading
        reader = signed.readerName.isEmpty ? text("readings.unknownReader") : signed.readerName
        qualifications = signed.qualifications.isEmpty ? nil : signed.qualifications
        label = words.label(reading)
        time = PageTime(signed.signedAt)
        comment = reading.comment.isEmpty ? nil : reading.comment
        agreementKey = signed.agreement.rawValue
        agreement = text("readings.agreement.\(signed.agreement.rawValue)", ["network": words.network(reading)])
        isBlind = reading.isBlind
        earlier = signed.earlier.compactMap { reading in
            reading.signedAt.map { Earlier(label: words.label(reading), time: PageTime($0)) }
        }
    }
}

/// Classes as readers and the network name them.
struct ReadingWords: Sendable {
    let text: TextCatalogue

    /// Whose sample a reader has before them, as far as they are told.
    ///
    /// - Parameters:
    ///   - name: Of whose account it is.
    ///   - isOfDependent: Whether it is of somebody in that person's care.
    func patient(_ name: String, isOfDependent: Bool) -> String {
        isOfDependent ? text("readings.inCareOf", ["name": name]) : name
    }

    /// The name of a reader's class.
    ///
    /// - Parameter label: Of a signed reading.
    func label(_ label: ReaderLabel) -> String {
        switch label {
        case .smearClass(let smearClass): text("classes.\(smearClass).name")
        case .unreadable, .undecided: text("readings.unreadable")
        case .normalBlood, .reactive, .otherMalignancy, .otherFinding: text("readings.answers.\(label.word).name")
        }
    }

    /// What a signed reading of a whole case says; another finding by its names, and in the reader's words.
    func label(_ reading: CaseReading) -> String { label(reading.label, reading.findings, reading.finding) }

    /// What a signed reading of an image says; another finding by its names. The reader's words are in the comment.
    func label(_ reading: Reading) -> String { label(reading.label, reading.findings, "") }

    private func label(_ label: ReaderLabel, _ findings: [SmearFinding], _ words: String) -> String {
        let names = findings.map(name) + [words].filter { !$0.isEmpty }
        guard label == .otherFinding, !names.isEmpty else { return self.label(label) }
        return text("readings.otherFinding", ["finding": names.joined(separator: "; ")])
    }

    /// The name of a finding of the list.
    func name(_ finding: SmearFinding) -> String { text("readings.findings.\(finding.rawValue)") }

    /// The findings of the list that somebody typed, parted by commas or semicolons.
    ///
    /// - Returns: Nil where any part is no name of the list, so that “no sickle cells, target cells” stays as it was written.
    func listed(in typed: String) -> [SmearFinding]? {
        let known = SmearFinding.allCases.flatMap { finding in spellings(of: finding).map { ($0, finding) } }
        let findings = Dictionary(known, uniquingKeysWith: { first, _ in first })
        let parts = typed.split { ",;\n".contains($0) }.map { Self.folded($0) }.filter { !$0.isEmpty }
        let found = parts.compactMap { findings[$0] }
        return parts.isEmpty || found.count < parts.count ? nil : found
    }

    /// The name, each half of a name with a word in brackets, and the code as words.
    private func spellings(of finding: SmearFinding) -> [String] {
        let whole = name(finding)
        let halves = whole.split { "()".contains($0) }.map { Self.folded($0) }.filter { !$0.isEmpty }
        return [Self.folded(whole)] + halves + [finding.rawValue.replacing("-", with: " ")]
    }

    private static func folded(_ words: some StringProtocol) -> String {
        words.lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What the network had said, as a reading keeps it.
    func network(_ reading: Reading) -> String {
        network(Finding(decision: reading.networkDecision, label: reading.networkLabel, confidence: 1))
    }

    /// What the network said: a class only where it reported one.
    func network(_ finding: Finding?) -> String {
        switch finding?.decision {
        case .report: finding.map { label(.smearClass($0.label)) } ?? ""
        case .uncertain: text("result.uncertain")
        case .rejected, nil: text("result.rejected")
        }
    }
}
