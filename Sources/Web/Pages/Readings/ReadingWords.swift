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
        label = words.label(reading.label)
        time = PageTime(signed.signedAt)
        comment = reading.comment.isEmpty ? nil : reading.comment
        agreementKey = signed.agreement.rawValue
        agreement = text("readings.agreement.\(signed.agreement.rawValue)", ["network": words.network(reading)])
        isBlind = reading.isBlind
        earlier = signed.earlier.compactMap { reading in
            reading.signedAt.map { Earlier(label: words.label(reading.label), time: PageTime($0)) }
        }
    }
}

/// Classes as readers and the network name them.
struct ReadingWords: Sendable {
    let text: TextCatalogue

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

    /// What a signed reading of a whole case says; another finding in the reader's words.
    func label(_ reading: CaseReading) -> String {
        reading.label == .otherFinding
            ? text("readings.otherFinding", ["finding": reading.finding]) : label(reading.label)
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
