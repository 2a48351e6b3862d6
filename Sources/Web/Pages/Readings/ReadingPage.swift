import Clinic
import Findings
import Formats
import Foundation
import Screening
import Wording

/// A shared screening before its reader: the image large, the network's answer unless it is hidden, and the form.
struct ReadingPage: Sendable {
    /// What the network answered.
    struct Answer: Sendable {
        let headline: String
        let subline: String
        let isRejected: Bool
        let bars: [ResultPage.Bar]
        let predictionSet: String
        let reasons: [String]
        let modelName: String
        let modelVersion: String
        let microscope: String
    }

    let frame: PageFrame
    let notice: String?
    let alert: String?
    let address: String
    let listAddress: String
    let position: String
    let previous: String?
    let next: String?
    let patient: String
    let shared: PageTime
    let isBlind: Bool
    /// Whether the network's answer is kept back on this page.
    let isHidden: Bool
    let image: String
    /// The small map that the page lays over the image in colour; nil while hidden, and for a rejected image.
    let heatMap: String?
    /// The map over the image as a picture of its own, for a page without scripts.
    let overlay: String?
    let cells: String
    /// The gallery of its cells.
    let cellsAddress: String
    let full: String
    /// Pixels of the stored image.
    let width: Int
    let height: Int
    let pixels: String
    /// What the page tells its viewer.
    let tools: ViewerTools
    let answer: Answer?
    let analytics: AnalyticsView?
    /// nil once it is signed, until another revision is wanted.
    let form: ReadingForm?
    let readings: [ReadingView]
    /// Where another revision is begun.
    let reviseAddress: String?
    /// Where a reader says which microscope it was.
    let siteForm: SiteChoiceForm?
    /// What the script says, as a JSON object.
    let words: String

    /// What the routes found.
    struct Contents: Sendable {
        let desk: SecondReading.Desk
        let list: ReadingWorkList
        let signed: [SignedReading]
        let result: ScreeningOutcome
        let analytics: ScreeningAnalytics?
        /// Whether the session is too old to sign with.
        var needsPassword = false
        /// The microscopes to choose from.
        var sites: Sites.Choice?
        var isBlind = false
        var isRevising = false
        var notice: String?
        var error: ClinicError?
        /// What was sent and not accepted.
        var sent: SecondReading.Entry?
    }

    init(_ contents: Contents, site: Site, context: WebContext) {
        let (text, desk) = (site.text, contents.desk)
        let id = desk.screening.id
        let neighbours = contents.list.neighbours(of: id)
        let query = ReadingAddress.query(contents.list.filter)
        frame = PageFrame(site: site, title: text("readings.viewerTitle"), place: .readings, context: context)
        notice = contents.notice
        alert = contents.error.map { text($0) }
        address = "/readings/\(id)\(query)"
        listAddress = "/readings\(query)"
        position =
            neighbours.place.map {
                text("readings.position", ["place": String($0 + 1), "count": String(contents.list.lines.count)])
            } ?? text("readings.positionDone")
        previous = neighbours.before.map { "/readings/\($0)\(query)" }
        next = neighbours.after.map { "/readings/\($0)\(query)" }
        patient = ReadingWords(text: text).patient(desk.patientName, isOfDependent: desk.isOfDependent)
        shared = PageTime(desk.sharedAt)
        isBlind = contents.isBlind
        isHidden = contents.isBlind && desk.signed == nil
        image = PictureKind.display.address(of: id)
        let hasHeatMap = !isHidden && contents.result.decision != .rejected
        heatMap = hasHeatMap ? PictureKind.map.address(of: id) : nil
        overlay = hasHeatMap ? PictureKind.overlay.address(of: id) : nil
        tools = ViewerTools(contents.result, text: text)
        cells = PictureKind.cells.address(of: id)
        cellsAddress = "/screenings/\(id)/cells"
        full = PictureKind.original.address(of: id)
        (width, height) = (desk.image.width, desk.image.height)
        pixels = text("result.pixels", ["width": String(width), "height": String(height)])
        answer = isHidden ? nil : Answer(contents.result, standing: desk.standing, text: text)
        siteForm = contents.sites.map {
            SiteChoiceForm($0, of: "/screenings/\(id)", back: "/readings/\(id)", text: text)
        }
        analytics = isHidden ? nil : contents.analytics.map { AnalyticsView($0, of: id, text: text) }
        let writes = desk.signed == nil || desk.draft != nil || contents.isRevising
        let confirmation =
            contents.needsPassword
            ? FormField.reauthentication(text, context, part: "sign", error: contents.error) : []
        form =
            writes
            ? ReadingForm(
                desk, sent: contents.sent, error: contents.error, confirmation: confirmation, text: text) : nil
        readings = contents.signed.map { ReadingView($0, text: text) }
        reviseAddress = writes ? nil : "/readings/\(id)\(query.isEmpty ? "?" : query + "&")revise=1"
        words = ReadingForm.words(text)
    }
}

extension ReadingPage.Answer {
    init(_ result: ScreeningOutcome, standing: SiteStanding, text: TextCatalogue) {
        let words = ResultWords(result, standing: standing, text: text)
        microscope = words.microscope
        headline = words.headline
        subline = words.subline
        isRejected = result.decision == .rejected
        bars = isRejected ? [] : words.bars
        predictionSet = words.predictionSet
        reasons = words.reasons
        modelName = result.model.name
        modelVersion = result.model.version
    }
}

/// What the reader fills in.
struct ReadingForm: Sendable {
    /// One class, or that the image cannot be read.
    struct Choice: Sendable {
        let value: String
        /// The key of the keyboard.
        let key: String
        let name: String
        let isChosen: Bool
    }

    let choices: [Choice]
    let comment: String
    let revision: String
    let isRevision: Bool
    let labelError: String?
    let commentError: String?
    /// The password, and a code, where the session is too old to sign with.
    let confirmation: [FormField]

    init(
        _ desk: SecondReading.Desk, sent: SecondReading.Entry?, error: ClinicError?, confirmation: [FormField],
        text: TextCatalogue
    ) {
        self.confirmation = confirmation
        let chosen = sent?.label ?? desk.draft?.label
        choices =
            SmearClass.allCases.map { smearClass in
                Choice(
                    value: smearClass.rawValue, key: String(smearClass.index + 1),
                    name: text("classes.\(smearClass).name"), isChosen: chosen == .smearClass(smearClass))
            } + [
                // An empty value would read as none.
                Choice(
                    value: ReaderLabel.unreadable.word, key: "0", name: text("readings.unreadable"),
                    isChosen: chosen == .unreadable)
            ]
        comment = sent?.comment ?? desk.draft?.comment ?? ""
        revision = String(desk.revision)
        isRevision = desk.revision > 1
        labelError = text(error, at: "label")
        commentError = text(error, at: "comment")
    }

    /// The words of the script.
    static func words(_ text: TextCatalogue) -> String {
        let keys = ["saved", "saving", "unsaved", "choose", "pressAgain", "shortcutsOn", "shortcutsOff"]
        let pairs = keys.map { ($0, text("readings.script.\($0)")) }
        do {
            return try JSONFormat.line.text(Dictionary(uniqueKeysWithValues: pairs))
        } catch {
            // A dictionary of strings always encodes; without its words the script stays quiet.
            return "{}"
        }
    }
}
