import Clinic
import Findings
import Foundation
import Wording

/// One image on the page of its case.
struct CaseCard: Sendable {
    let number: Int
    let title: String
    /// `report`, `uncertain`, `rejected`, `queued`, `running` or `failed`.
    let state: String
    let isDone: Bool
    let isPending: Bool
    /// What was found, or what is going on.
    let headline: String
    let line: String
    /// The page of the result; nil until there is one.
    let page: String?
    let thumbnail: String?
    let thumbnailAlt: String
    let deleteAddress: String
    /// Where its owner has it screened again; nil unless that failed.
    let againAddress: String?
    let time: PageTime
    let pixels: String
    let model: String
    let reasons: [String]
    /// What doctors signed.
    let readings: [CardReading]
    /// Whether the headline is a doctor's signed reading.
    let isLed: Bool
    /// What is said of the microscope; nil until there is an answer.
    let microscope: String?

    /// - Parameter told: Comments that stand with the readings of the whole case, and are not said again.
    init(_ entry: CaseContents.Entry, pace: Double?, told: Set<String> = [], text: TextCatalogue) {
        let screening = entry.screening
        number = entry.image.number
        title = text("cases.imageTitle", ["number": String(entry.image.number)])
        let address = "/cases/\(entry.image.caseID)/images/\(entry.image.id)"
        deleteAddress = address + "/delete"
        againAddress = screening.state == .failed ? address + "/again" : nil
        time = PageTime(entry.image.createdAt)
        pixels = text("result.pixels", ["width": String(entry.image.width), "height": String(entry.image.height)])
        isPending = [.queued, .running].contains(screening.state)
        let result = screening.outcome
        isDone = screening.state == .done && result != nil
        reasons = result.map { ResultWords($0, text: text).reasons } ?? []
        readings = entry.readings.map { CardReading($0, told: told, text: text) }
        model = result.map { "\($0.model.name) \($0.model.version)" } ?? ""
        if isDone, let result {
            let words = ResultWords(
                result, readings: entry.readings, standing: entry.standing, text: text)
            microscope = words.microscope
            state = result.finding.led(by: entry.readings.map(\.reading)).decision.rawValue
            headline = words.headline
            line = words.subline
            isLed = words.isLed
            page = "/screenings/\(screening.id)"
            thumbnail = PictureKind.thumbnail.address(of: screening.id)
            thumbnailAlt = text("cases.thumbnailAlt", ["number": String(number)])
        } else {
            state = screening.state == .done ? "failed" : screening.state.rawValue
            headline = text("cases.states.\(state)")
            line = Self.line(entry, pace: pace, text: text)
            (page, thumbnail, thumbnailAlt, isLed, microscope) = (nil, nil, "", false, nil)
        }
    }

    private static func line(_ entry: CaseContents.Entry, pace: Double?, text: TextCatalogue) -> String {
        switch entry.screening.state {
        case .failed, .done: return entry.screening.failure.map { text($0) } ?? text("cases.unreadable")
        case .running: return text("cases.runningLine")
        case .queued:
            let before = entry.position ?? 0
            let place =
                before == 0
                ? text("cases.queue.next")
                : text.counted("cases.queue", before)
            guard let pace else { return place }
            let seconds = max(1, Int((pace * Double(before + 1)).rounded(.up)))
            return text(
                seconds < 90 ? "cases.queue.seconds" : "cases.queue.minutes",
                ["place": place, "count": String(seconds < 90 ? seconds : (seconds + 59) / 60)])
        }
    }
}

/// A doctor's signed reading on the card of its image.
struct CardReading: Sendable {
    /// Who says what.
    let line: String
    let agreement: String
    let comment: String?
    let time: PageTime

    init(_ signed: SignedReading, told: Set<String> = [], text: TextCatalogue) {
        let view = ReadingView(signed, text: text)
        line = text("readings.card", ["reader": view.reader, "label": view.label])
        agreement = view.agreement
        comment = view.comment.flatMap { told.contains($0) ? nil : $0 }
        time = view.time
    }
}
