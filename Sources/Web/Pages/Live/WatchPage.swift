import Clinic
import Formats
import Foundation
import Wording

/// What a link to a live microscope leads to first: nothing of it, and the button that begins to watch.
struct WatchPage: Sendable {
    let frame: PageFrame
    let address: String
    let end: PageTime
    let script: String
    let maximum: String
    /// What the script says, as a JSON object.
    let words: String

    init(_ secret: SecretToken, end: Date, script: String, site: Site, context: WebContext) {
        frame = PageFrame(site: site, title: site.text("watch.title"), place: .none, context: context)
        (address, self.script) = ("/watch/\(secret.text)", script)
        self.end = PageTime(end)
        maximum = String(LiveRooms.longestMessage)
        words = WatchWords.json(site.text)
    }
}

/// What the script of both sides says.
enum WatchWords {
    private static let says = [
        "watching", "waiting", "ended", "lost", "alone", "you", "microscope", "somebody", "made", "revoked", "failed",
        "sharp", "blurred", "fields", "end", "revokedAll", "away",
    ]

    static func json(_ text: TextCatalogue) -> String {
        var words = Dictionary(uniqueKeysWithValues: says.map { ($0, text("watch.says.\($0)")) })
        words["watchers"] = text("watch.says.watchers")
        do { return try JSONFormat.line.text(words) } catch {
            // Strings always encode; without its words the script stays quiet.
            return "{}"
        }
    }
}
