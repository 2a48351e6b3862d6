import Clinic
import Findings
import Foundation
import Packaging
import Wording

/// The first page of the administration: what was screened, how sure the model was, and whether that has moved.
struct DashboardPage: Sendable {
    struct Tile: Sendable {
        let name: String
        let value: String
        let more: String?
        let address: String?
    }

    struct Drift: Sendable {
        let name: String
        let index: String
        let words: String
        let level: String
    }

    struct Latency: Sendable {
        let name: String
        let median: String
        let ninetieth: String
        let ninetyNinth: String
    }

    let admin: AdminPage
    let frame: PageFrame
    let notices: [NoticeLine]
    let spans: [PageLink]
    let tiles: [Tile]
    let problem: String?
    let decisions: AdminChart
    let drifts: [Drift]
    let driftLead: String
    let hasReference: Bool
    let distributions: [AdminChart]
    let latencies: [Latency]
    let looked: String?
    let people: [AdminChart]
    let scripts: [String]

    /// - Parameters:
    ///   - figures: What the database says.
    ///   - news: Who is told of news of cases, and what became of them.
    ///   - notices: What the administrator has not seen yet.
    ///   - model: What screens now.
    ///   - reference: What the model's package says of its answers to known images; nil where it says nothing.
    ///   - problem: Why the activated model does not screen here.
    ///   - scripts: Addresses of the charts' scripts.
    init(
        _ figures: MonitoringFigures, news: [Subscriptions.Entry], notices: [NoticeLine], model: ModelDescription,
        reference: ReferenceDistribution?,
        problem: Message?,
        scripts: [String], site: Site, context: WebContext
    ) {
        let text = site.text
        admin = AdminPage(.dashboard, site: site, context: context)
        frame = admin.frame
        self.notices = notices
        self.scripts = scripts
        self.problem = problem.map { text("admin.dashboard.modelProblem", ["reason": text($0)]) }
        spans = Monitoring.Span.allCases.map {
            PageLink(
                name: text("admin.spans.\($0.rawValue)"), address: "/admin?days=\($0.rawValue)",
                isOn: $0 == figures.span)
        }
        tiles = DashboardTiles(figures, news: news, model: model, text: text).tiles
        decisions = Self.decisions(figures, text)
        let drift = DashboardDrift(figures, model: model, reference: reference, text: text)
        drifts = drift.rows
        driftLead = drift.lead
        hasReference = reference != nil
        distributions = drift.charts
        latencies = [("wait", figures.wait), ("work", figures.work)].compactMap { name, values in
            values.map {
                Latency(
                    name: text("admin.dashboard.\(name)"), median: Self.time($0.median),
                    ninetieth: Self.time($0.ninetieth), ninetyNinth: Self.time($0.ninetyNinth))
            }
        }
        looked =
            figures.facts.count < figures.total
            ? text("admin.dashboard.looked", ["count": text.number(figures.facts.count)]) : nil
        people = Self.people(figures.people, text)
    }

    private static func decisions(_ figures: MonitoringFigures, _ text: TextCatalogue) -> AdminChart {
        let periods = figures.periods
        return AdminChart(
            "decisions", kind: .stacked, title: text("admin.dashboard.decisionsTitle"),
            lead: text("admin.dashboard.decisionsLead"),
            head: text(figures.isByMonth ? "admin.dashboard.month" : "admin.dashboard.day"),
            labels: periods.map { String(PageTime($0.start).day.prefix(figures.isByMonth ? 7 : 10)) },
            series: Decision.allCases.map { decision in
                (text("admin.decisions.\(decision.rawValue)"), periods.map { Double($0.decisions[decision] ?? 0) })
            }, format: { String(Int($0)) })
    }

    private static func people(_ people: MonitoringFigures.People, _ text: TextCatalogue) -> [AdminChart] {
        let count = { (value: Double) in String(Int(value)) }
        return [
            AdminChart(
                "users", kind: .grouped, title: text("admin.dashboard.usersTitle"),
                head: text("admin.users.role"), labels: Role.allCases.map { text("admin.roles.\($0.rawValue)") },
                series: [
                    (
                        text("admin.dashboard.accounts"), Role.allCases.map { Double(people.users[$0] ?? 0) }
                    )
                ], format: count),
            AdminChart(
                "doctors", kind: .grouped, title: text("admin.dashboard.doctorsTitle"),
                head: text("admin.doctors.state"),
                labels: Doctor.Status.allCases.map { text("admin.states.\($0.rawValue)") },
                series: [
                    (
                        text("admin.dashboard.entries"),
                        Doctor.Status.allCases.map { Double(people.doctors[$0] ?? 0) }
                    )
                ], format: count),
        ]
    }

    /// Milliseconds for people.
    static func time(_ milliseconds: Double) -> String {
        switch milliseconds {
        case ..<1000: "\(Int(milliseconds.rounded()))\u{a0}ms"
        case ..<120_000: String(format: "%.1f\u{a0}s", milliseconds / 1000)
        case ..<7_200_000: "\(Int((milliseconds / 60_000).rounded()))\u{a0}min"
        default: "\(Int((milliseconds / 3_600_000).rounded()))\u{a0}h"
        }
    }
}
