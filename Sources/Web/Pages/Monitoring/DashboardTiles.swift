import Clinic
import Findings
import Foundation
import Packaging
import Wording

/// The numbers at the top of the dashboard.
struct DashboardTiles: Sendable {
    let tiles: [DashboardPage.Tile]

    /// - Parameter news: Who is told of news of cases, and what became of them.
    init(
        _ figures: MonitoringFigures, news: [Subscriptions.Entry], model: ModelDescription, text: TextCatalogue
    ) {
        let decisions = figures.decisions
        let share = { (decision: Decision) in Self.percent(decisions[decision] ?? 0, of: figures.total) }
        let pending = figures.people.doctors[.pending] ?? 0
        tiles =
            [
                .init(
                    name: text("admin.tiles.screenings"), value: text.number(figures.total),
                    more: figures.total == 0
                        ? nil
                        : text(
                            "admin.tiles.shares",
                            ["report": share(.report), "uncertain": share(.uncertain), "rejected": share(.rejected)]),
                    address: nil),
                .init(
                    name: text("admin.tiles.queue"), value: text.number(figures.queue.waiting),
                    more: figures.queue.oldestSince.map {
                        let wait = max(0, figures.now.timeIntervalSince($0))
                        return text("admin.tiles.oldest", ["time": DashboardPage.time(wait * 1000)])
                    }, address: nil),
                .init(
                    name: text("admin.tiles.storage"), value: Self.size(figures.stored.bytes),
                    more: text("admin.tiles.images", ["count": text.number(figures.stored.images)]), address: nil),
                .init(
                    name: text("admin.tiles.doctors"), value: text.number(pending),
                    more: text("admin.tiles.doctorsMore"), address: "/admin/doctors"),
                .init(
                    name: text("admin.tiles.reviews"), value: text.number(figures.people.reviewsToModerate),
                    more: text("admin.tiles.reviewsMore"), address: "/admin/reviews"),
                .init(
                    name: text("admin.tiles.model"), value: model.version, more: model.name, address: "/admin/models"),
            ] + Self.told(news, text)
    }

    /// What other systems have not taken yet, and what was given up; none where nobody is told.
    private static func told(_ news: [Subscriptions.Entry], _ text: TextCatalogue) -> [DashboardPage.Tile] {
        guard !news.isEmpty else { return [] }
        let tallies = news.map(\.tally)
        return [
            .init(
                name: text("admin.tiles.news"), value: text.number(tallies.reduce(0) { $0 + $1.waiting }),
                more: text(
                    "admin.tiles.newsMore", ["count": text.number(tallies.reduce(0) { $0 + $1.givenUp })]),
                address: "/admin/subscriptions")
        ]
    }

    static func percent(_ part: Int, of whole: Int) -> String {
        whole == 0 ? "–" : String(format: "%.0f\u{a0}%%", 100 * Double(part) / Double(whole))
    }

    /// Bytes for people, in powers of ten.
    static func size(_ bytes: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return String(format: value < 10 && unit > 0 ? "%.1f" : "%.0f", value) + "\u{a0}\(units[unit])"
    }
}
