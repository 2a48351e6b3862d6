import Clinic
import Foundation
import Wording

/// A doctor's signed reading of a whole case in words, for the pages that show it before the network's answer.
struct CaseReadingView: Sendable {
    let reader: String
    let qualifications: String?
    /// The answer.
    let label: String
    let time: PageTime
    let comment: String?
    /// What it covers, which images differ, and what became of it.
    let lines: [String]
    /// Whether a later reading settled it, so that it no longer counts.
    let isSettled: Bool
    let earlier: [ReadingView.Earlier]

    /// - Parameter numbers: The numbers of the images that the page shows.
    init(_ signed: SignedCaseReading, numbers: [ScreeningID: Int], text: TextCatalogue) {
        let (words, reading) = (ReadingWords(text: text), signed.reading)
        reader = signed.readerName.isEmpty ? text("readings.unknownReader") : signed.readerName
        qualifications = signed.qualifications.isEmpty ? nil : signed.qualifications
        label = words.label(reading)
        time = PageTime(signed.signedAt)
        comment = reading.comment.isEmpty ? nil : reading.comment
        isSettled = reading.isSettled
        let differing = reading.differing.compactMap { id, label in numbers[id].map { ($0, label) } }
            .sorted { $0.0 < $1.0 }
            .map { text("readings.differs", ["number": String($0.0), "label": words.label($0.1)]) }
        let later = numbers.keys.count { reading.images[$0] == nil }
        lines =
            [text.counted("readings.covers", reading.images.count)] + differing
            + (later > 0 ? [text.counted("cases.readings.newImages", later)] : [])
            + (reading.settles ? [text("readings.settled.by")] : [])
            + (reading.isSettled ? [text("readings.settled.was")] : [])
            + (reading.isBlind ? [text("readings.blind.was")] : [])
        earlier = signed.earlier.compactMap { reading in
            reading.signedAt.map { ReadingView.Earlier(label: words.label(reading), time: PageTime($0)) }
        }
    }
}
