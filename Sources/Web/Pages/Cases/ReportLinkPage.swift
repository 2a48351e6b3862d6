import Clinic
import Foundation
import Wording

/// What a link to a report leads to first: nothing of the person, and the button that opens the report.
struct ReportLinkPage: Sendable {
    let frame: PageFrame
    let address: String
    let end: PageTime

    init(_ secret: SecretToken, end: Date, site: Site, context: WebContext) {
        frame = PageFrame(site: site, title: site.text("links.page.title"), place: .none, context: context)
        address = "/reports/\(secret.text)/report.pdf"
        self.end = PageTime(end)
    }
}

/// The links of a case, for its owner.
struct ReportLinksView: Sendable {
    struct Row: Sendable {
        let made: PageTime
        let end: PageTime
        /// “Ends”, or that and why it opens nothing any more.
        let state: String
        let isOpen: Bool
        /// How often it was opened.
        let openings: String
        let revokeAddress: String
        let revokeLabel: String
    }

    let rows: [Row]
    let action: String
    /// The link that was made just now, shown this once.
    let made: String?
    let days: String
    let maximumDays: Int
    let wrong: String?

    /// - Parameters:
    ///   - made: The link that was made just now.
    ///   - typed: What was sent for the days; empty for nothing.
    ///   - error: Why no link was made.
    init(
        _ links: [ReportLink], of id: CaseID, now: Date, made: String? = nil, typed: String = "",
        error: ClinicError? = nil, text: TextCatalogue
    ) {
        action = "/cases/\(id)/links"
        self.made = made
        days = error == nil || typed.isEmpty ? String(ReportLinks.defaultDays) : typed
        maximumDays = ReportLinks.days.upperBound
        wrong = text(error, at: "days")
        rows = links.map { link in
            let made = PageTime(link.createdAt)
            return Row(
                made: made, end: PageTime(link.revokedAt ?? link.expiresAt),
                state: text(
                    link.revokedAt != nil
                        ? "links.states.revoked" : link.isOpen(at: now) ? "links.states.open" : "links.states.ended"),
                isOpen: link.isOpen(at: now), openings: text.counted("links.openings", link.openings),
                revokeAddress: "/cases/\(id)/links/\(link.id)/revoke",
                revokeLabel: text("links.revokeOf", ["time": made.words]))
        }
    }
}
