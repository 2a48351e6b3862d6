import Casework
import Clinic
import Findings
import Formats
import Foundation
import Wording

/// Where somebody begins who has a whole slide: the case that it goes into.
struct SlideStartPage: Sendable {
    let frame: PageFrame
    let privacy: [String]

    init(site: Site, context: WebContext) {
        frame = PageFrame(site: site, title: site.text("slides.title"), place: .screen, context: context)
        privacy = site.text.list("slides.help")
    }
}

/// The viewer of a slide, and what became of its fields.
struct SlidePage: Sendable {
    let frame: PageFrame
    let title: String
    let caseAddress: String
    let address: String
    let script: String
    let isOwner: Bool
    let line: String
    let isMoving: Bool
    /// Whether its size is known and its file is here, so that it can be looked at.
    let hasViewer: Bool
    let width: String
    let height: String
    let lastZoom: String
    /// In micrometres; 0 where it is not known.
    let scale: String
    let facts: String?
    let fields: [SlideMarks.Field]
    /// Whether more fields can be screened; how many there would be then.
    let more: String?
    let moreFields: String
    /// Whether it can be read once more as it failed.
    let canRetry: Bool
    /// Whether its scale is asked for.
    let asksScale: Bool
    let wrong: String?
    /// What the script says, as a JSON object.
    let words: String

    private static let says = ["zoom", "length", "unknown", "field"]

    init(
        _ progress: SlideProgress, _ standing: SlideStanding, marks: SlideMarks, script: String, error: ClinicError?,
        site: Site, context: WebContext
    ) {
        let (slide, text) = (progress.slide, site.text)
        frame = PageFrame(site: site, title: slide.name, place: .cases, context: context)
        (title, self.script, fields) = (slide.name, script, marks.fields)
        (caseAddress, address) = ("/cases/\(slide.caseID)", "/cases/\(slide.caseID)/slides/\(slide.id)")
        isOwner = context.principal?.userID == slide.ownerID
        line = SlideWords.line(progress, standing, text: text)
        isMoving = [.waiting, .reading].contains(slide.state)
        hasViewer = slide.lastZoom != nil && standing == .here
        (width, height) = (String(slide.width ?? 0), String(slide.height ?? 0))
        lastZoom = String(slide.lastZoom ?? 0)
        let micrometres = slide.micrometresPerPixel.map {
            $0.formatted(
                .number.precision(.significantDigits(1...4)).locale(Locale(identifier: "en_US_POSIX")).grouping(.never))
        }
        scale = micrometres ?? "0"
        let known = ["width": width, "height": height, "scale": micrometres ?? "?"]
        facts = slide.lastZoom == nil ? nil : text("slides.facts", known)
        let next = min(progress.fields.count, slide.wanted + CaseSlides.defaultFields)
        moreFields = String(max(next, 1))
        let canRead = isOwner && [.done, .failed].contains(slide.state) && standing == .here
        more =
            canRead && slide.state == .done && next > slide.wanted
            ? text.counted("slides.more", next - slide.wanted) : nil
        canRetry = canRead && slide.state == .failed
        asksScale = canRetry && progress.fields.isEmpty
        wrong = error.map { text($0.message) }
        let words = Dictionary(uniqueKeysWithValues: Self.says.map { ($0, text("slides.viewer.says.\($0)")) })
        do {
            self.words = try JSONFormat.line.text(words)
        } catch {
            // Strings always encode; without its words the script stays quiet.
            self.words = "{}"
        }
    }
}

/// The fields and cells of a slide, where they lie on it.
struct SlideMarks: Encodable, Sendable {
    /// A cell, in pixels of level 0.
    struct Cell: Encodable, Sendable {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        let type: CellType
        /// Whether it looks like a blast.
        let isBlast: Bool
    }

    struct Field: Encodable, Sendable {
        let number: Int
        let x: Int
        let y: Int
        let side: Int
        /// How it is drawn: `malignant`, `other`, `declined` (one without an answer too), `waiting` or `chosen`.
        let kind: String
        /// What was found in it.
        let line: String
        let title: String
        /// The page of its image; nil before there is an answer.
        let imageAddress: String?
        let cells: [Cell]
    }

    let fields: [Field]
    /// Changes whenever the marks do.
    let version: String
    let line: String
    let isMoving: Bool

    init(
        _ progress: SlideProgress, _ standing: SlideStanding, cells: [ScreeningID: [SmearCell]], text: TextCatalogue
    ) {
        fields = progress.fields.prefix(progress.wantedCount).map { entry in
            let (field, screening) = (entry.field, entry.screening)
            let finding = screening?.finding
            return Field(
                number: field.number, x: field.x, y: field.y, side: field.side, kind: Self.kind(entry),
                line: Self.line(entry, text: text),
                title: text("slides.viewer.fieldTitle", ["number": String(field.number)]),
                imageAddress: finding == nil ? nil : screening.map { "/screenings/\($0.id)" },
                cells: (screening.flatMap { cells[$0.id] } ?? []).map { cell in
                    Cell(
                        x: field.x + Int(cell.network.box.x), y: field.y + Int(cell.network.box.y),
                        width: Int(cell.network.box.width.rounded(.up)),
                        height: Int(cell.network.box.height.rounded(.up)), type: cell.type, isBlast: cell.type == .blast
                    )
                })
        }
        line = SlideWords.line(progress, standing, text: text)
        isMoving = [.waiting, .reading].contains(progress.slide.state)
        let failed = progress.fields.count { $0.screening?.state == .failed }
        let counts = [progress.fields.count, progress.takenCount, progress.answeredCount, failed]
        version = ([progress.slide.state.rawValue] + counts.map { String($0) } + Self.answers(progress))
            .joined(separator: "-")
    }

    /// What doctors signed and which microscopes are qualified, as far as it changes what is said of the fields.
    private static func answers(_ progress: SlideProgress) -> [String] {
        let signed = progress.fields.flatMap(\.readings)
        let numbers = [
            signed.reduce(0) { $0 + 1 + $1.earlier.count }, signed.count { $0.reading.isSettled },
            progress.fields.count { $0.standing.isQualified },
        ]
        return numbers.map { String($0) }
    }

    private static func kind(_ entry: SlideProgress.Field) -> String {
        guard let finding = entry.screening?.finding else {
            if let screening = entry.screening, !isPending(screening) { return "declined" }
            return entry.field.takenAt == nil ? "chosen" : "waiting"
        }
        let readings = entry.readings.map(\.reading)
        if finding.isMalignant(read: readings) { return "malignant" }
        return finding.led(by: readings).decision == .rejected ? "declined" : "other"
    }

    private static func line(_ entry: SlideProgress.Field, text: TextCatalogue) -> String {
        guard let screening = entry.screening else {
            return text(entry.field.takenAt == nil ? "slides.viewer.chosen" : "slides.viewer.deleted")
        }
        guard let outcome = screening.outcome else {
            return text(isPending(screening) ? "slides.viewer.waiting" : "cases.states.failed")
        }
        let words = ResultWords(outcome, readings: entry.readings, standing: entry.standing, text: text)
        if words.isLed || outcome.decision == .report { return words.headline }
        return text(outcome.decision == .rejected ? "slides.viewer.declined" : "slides.viewer.uncertain")
    }

    /// Whether its answer is still to come.
    private static func isPending(_ screening: ScreeningRecord) -> Bool {
        [.queued, .running].contains(screening.state)
    }
}
