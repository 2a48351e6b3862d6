import Clinic
import Formats
import Screening
import Wording

/// The page of the live microscope.
struct LivePage: Sendable {
    /// Distinct fields that make a case.
    static let wanted = 10

    let frame: PageFrame
    /// Address of the page's script.
    let script: String
    /// An identifier made for the case, so that its first field sent twice makes one case.
    let caseID: String
    let wanted: String
    /// What the script says, as a JSON object.
    let words: String
    /// How many fields were taken at the start.
    let count: String
    /// Whom the case may be of; nil where there is nobody to choose.
    let subjects: SubjectChoice?
    /// Of the script by which somebody else watches.
    let watchScript: String
    let watchWords: String
    let hours: String
    let maximumHours: String
    let maximumMessage: String

    private static let keys = [
        "opening", "looking", "stopped", "insecure", "denied", "none", "inUse", "failed", "ended", "lost", "login",
        "camera", "focusGood", "focusBad", "focusUnknown", "lightGood", "scaleGood", "scaleNearer", "scaleFarther",
        "scaleUnknown", "fieldNew", "fieldSame", "fieldMoving", "fieldUnknown", "countdown", "sending",
        "taken", "refused", "refusedSame", "notUsable", "retrying", "unreachable", "refusedCount",
        "whole",
    ]

    init(script: String, watchScript: String, dependents: [Dependent], site: Site, context: WebContext) {
        (self.script, self.watchScript) = (script, watchScript)
        (hours, maximumHours) = (String(WatchLinks.defaultHours), String(WatchLinks.hours.upperBound))
        (maximumMessage, watchWords) = (String(LiveRooms.longestMessage), WatchWords.json(site.text))
        let text = site.text
        subjects = SubjectChoice(dependents, text: text)
        frame = PageFrame(site: site, title: text("live.title"), place: .screen, context: context)
        caseID = CaseID().text
        wanted = String(Self.wanted)
        var words = Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, text("live.says.\($0)")) })
        for fault in LiveFrame.Fault.allCases { words[fault.rawValue] = text("live.faults.\(fault)") }
        words["count"] = text("live.count")
        count = text("live.count", ["count": "0", "wanted": wanted])
        do {
            self.words = try JSONFormat.line.text(words)
        } catch {
            // Strings always encode; without its words the script stays quiet.
            self.words = "{}"
        }
    }
}
