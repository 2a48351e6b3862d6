import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Something that the reader of a page has not seen yet.
struct NoticeLine: Sendable {
    let sentence: String
    let time: PageTime
    /// Where it is seen; nil where there is nothing to open.
    let opens: String?
    let link: String
    /// Where it is put away; nil where opening does that.
    let dismissal: String?

    init(_ line: Notices.Line, text: TextCatalogue) {
        let notice = line.notice
        let name = line.aboutName.isEmpty ? text("notices.somebody") : line.aboutName
        sentence = text(
            "notices.kinds.\(notice.kind.rawValue).line",
            [
                "name": name, "case": line.caseTitle ?? text("notices.sharedCase"), "site": line.siteName,
                "days": String(RetentionPolicy.noticeDays),
            ])
        link = text("notices.kinds.\(notice.kind.rawValue).link")
        time = PageTime(notice.createdAt)
        opens =
            switch notice.kind {
            case .visitConfirmed: notice.appointmentID.map { "/appointments/\($0)" }
            case .readingSigned, .caseEnding: notice.caseID.map { "/cases/\($0)" }
            case .shareEnded: line.caseTitle == nil ? nil : "/sharing"
            case .readingUnopened, .accountEnding: nil
            case .answersDoubted:
                notice.caseID.map { line.caseTitle == nil ? "/readings/cases/\($0)" : "/cases/\($0)" }
            case .siteSuspended, .siteQualified: notice.siteID.map { "/admin/sites/\($0)" }
            }
        dismissal = notice.kind.isDismissible ? "/notices/\(notice.id)/seen" : nil
    }
}

/// Puts away what needs no opening.
struct NoticeRoutes: Sendable {
    let services: SiteServices

    var routes: [Route] {
        [
            Route(.post, "/notices/:id/seen", .user) { _, context in
                try await services.notices.dismiss(
                    context.identifier(), by: context.requiredPrincipal.userID)
                return Response.redirect(to: OwnPath.checked(context.form["back"], otherwise: "/"), type: .normal)
            }
        ]
    }
}

extension SiteServices {
    /// What the reader of a page has not seen yet.
    func noticeLines(for context: WebContext, _ text: TextCatalogue) async throws -> [NoticeLine] {
        guard let user = context.principal?.userID else { return [] }
        return try await notices.lines(of: user).map { NoticeLine($0, text: text) }
    }
}
