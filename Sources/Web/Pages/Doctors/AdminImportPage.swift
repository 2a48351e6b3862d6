import Clinic
import Foundation
import Wording

/// Import of a list of doctors, and what became of its lines.
struct AdminImportPage: Sendable {
    struct Row: Sendable {
        let line: String
        let number: String
        let problems: [String]
    }

    struct Report: Sendable {
        let summary: String
        let rows: [Row]
        let more: String?
    }

    /// What was sent with the form.
    struct Sent: Sendable {
        var isVerified = false
        var isDryRun = true
    }

    let admin: AdminPage
    let frame: PageFrame
    let report: Report?
    let error: String?
    let isVerified: Bool
    let isDryRun: Bool
    let columns: String

    /// - Parameters:
    ///   - result: How many lines came to what, and the first ones that were refused.
    ///   - sent: What was sent with the form.
    init(
        _ result: (summary: DirectoryImport.Summary, refused: [DirectoryRow])?, sent: Sent = Sent(), error: String?,
        site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.doctors, title: text("admin.import.title"), site: site, context: context)
        frame = admin.frame
        self.error = error
        isVerified = sent.isVerified
        // What was only tried is sent again to be done.
        isDryRun = result == nil ? sent.isDryRun : false
        columns = DirectoryColumn.allCases.map(\.rawValue).joined(separator: ", ")
        report = result.map { result in
            let (summary, refused) = result
            let counts = Dictionary(
                uniqueKeysWithValues: DirectoryRow.Outcome.allCases.map { ($0.rawValue, String(summary[$0])) })
            let left = summary[.refused] - refused.count
            return Report(
                summary: text(sent.isDryRun ? "admin.import.tried" : "admin.import.summary", counts),
                rows: refused.map { row in
                    Row(
                        line: String(row.line), number: row.registrationNumber,
                        problems: row.problems.map { problem in
                            [problem.column, text(problem.reason)].compactMap(\.self).joined(separator: ": ")
                        })
                },
                more: left > 0 ? text("admin.import.more", ["count": text.number(left)]) : nil)
        }
    }
}
