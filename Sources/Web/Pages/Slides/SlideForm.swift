import Casework
import Clinic
import Formats
import Foundation
import Wording

/// The slides of a case, and the forms by which its owner adds one.
struct SlideForm: Sendable {
    let rows: [SlideRow]
    /// Whether there is something to show: slides, or forms.
    let isShown: Bool
    /// Whether slides may be added.
    let isOwner: Bool
    let action: String
    let registeredAction: String
    /// Whether slides may be taken out of the operator's folder.
    let hasFolder: Bool
    /// Their paths in it; none where it is not there at this moment.
    let registered: [String]
    let fields: String
    let maximumFields: String
    let help: String
    let expiry: String
    let accept: String
    let partBytes: String
    let fileBytes: String
    /// What the script says, as a JSON object.
    let words: String

    private static let says = [
        "checking", "sending", "retrying", "offline", "done", "insecure", "format", "bytes", "refused", "login",
        "stopped", "resumed", "none", "busy",
    ]

    init(
        _ slides: [(progress: SlideProgress, standing: SlideStanding)], of id: CaseID, isOwner: Bool,
        registered: [String]?, quota: SlideQuota, text: TextCatalogue
    ) {
        rows = slides.map { SlideRow($0.progress, $0.standing, text: text) }
        self.isOwner = isOwner
        hasFolder = isOwner && registered != nil
        self.registered = hasFolder ? registered ?? [] : []
        isShown = isOwner || !slides.isEmpty
        (action, registeredAction) = ("/cases/\(id)/slides", "/cases/\(id)/slides/registered")
        (fields, maximumFields) = (String(CaseSlides.defaultFields), String(CaseSlides.fieldCounts.upperBound))
        let gigabytes = String(quota.fileBytes / 1_000_000_000)
        help = text("slides.chooseHelp", ["gigabytes": gigabytes])
        expiry = text("slides.expiry", ["days": String(SlideSweep.unfinishedDays)])
        accept = SlideFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ",")
        (partBytes, fileBytes) = (String(SlideIntake.partBytes), String(quota.fileBytes))
        var words = Dictionary(uniqueKeysWithValues: Self.says.map { ($0, text("slides.says.\($0)")) })
        words["bytes"] = text("slides.says.bytes", ["gigabytes": gigabytes])
        do {
            self.words = try JSONFormat.line.text(words)
        } catch {
            // Strings always encode; without its words the script stays quiet.
            self.words = "{}"
        }
    }

    /// How many fields a form asks for.
    static func fields(_ form: FormFields) -> Int {
        let typed = form.trimmed("fields")
        return typed.isEmpty ? CaseSlides.defaultFields : Int(typed) ?? 0
    }
}

/// A line of the list of slides; for its script too.
struct SlideRow: Encodable, Sendable {
    let id: SlideID
    let name: String
    let address: String
    let state: String
    /// What becomes of it, in words.
    let line: String
    /// 0 to 100, of sending or of screening; nil where nothing goes on.
    let percent: Int?
    let isMoving: Bool
    /// Whether the viewer has something to show.
    let hasViewer: Bool

    init(_ progress: SlideProgress, _ standing: SlideStanding, text: TextCatalogue) {
        let slide = progress.slide
        (id, name, state) = (slide.id, slide.name, slide.state.rawValue)
        address = "/cases/\(slide.caseID)/slides/\(slide.id)"
        isMoving = [.receiving, .waiting, .reading].contains(slide.state)
        hasViewer = slide.width != nil && standing == .here
        line = SlideWords.line(progress, standing, text: text)
        percent =
            switch slide.state {
            case .receiving: SlideWords.percent(of: slide, standing)
            case .reading: progress.fields.isEmpty ? nil : progress.answeredCount * 100 / max(1, progress.wantedCount)
            case .waiting, .done, .failed: nil
            }
    }
}

/// What is said of slides.
enum SlideWords {
    /// What becomes of a slide, and that its file cannot be reached where that is so.
    static func line(_ progress: SlideProgress, _ standing: SlideStanding, text: TextCatalogue) -> String {
        switch standing {
        case .here: state(progress, text: text)
        case .away: state(progress, text: text) + " " + text("slides.away")
        case .behind:
            text("slides.states.behind", ["percent": String(percent(of: progress.slide, standing))])
        }
    }

    /// How much of a file that is being sent is here, from 0 to 100.
    static func percent(of slide: CaseSlide, _ standing: SlideStanding) -> Int {
        let received = if case .behind(let kept) = standing { kept } else { slide.received }
        return received * 100 / max(1, slide.byteCount)
    }

    private static func state(_ progress: SlideProgress, text: TextCatalogue) -> String {
        let slide = progress.slide
        switch slide.state {
        case .receiving: return text("slides.states.receiving", ["percent": String(percent(of: slide, .here))])
        case .waiting: return text("slides.states.waiting")
        case .reading where progress.fields.isEmpty: return text("slides.states.searching")
        case .reading: return text("slides.states.reading", counts(progress))
        case .done:
            return text("slides.states.done", counts(progress)) + " "
                + (slide.end.map { text("slides.ends.\($0)") } ?? "")
        case .failed: return text("slides.failures.\(slide.failure ?? .server)")
        }
    }

    private static func counts(_ progress: SlideProgress) -> [String: String] {
        ["done": String(progress.answeredCount), "wanted": String(progress.wantedCount)]
    }
}
