import Clinic
import Foundation
import Wording

/// Says in words what the images of a case come to.
struct CaseWords: Sendable {
    let verdict: CaseVerdict
    let text: TextCatalogue

    /// The verdict in a few words.
    var headline: String {
        guard verdict.kind == .urgent else { return text("cases.verdicts.\(verdict.kind.rawValue).name") }
        return verdict.malignant.count == 1
            ? text("classes.\(verdict.malignant[0].label).name") : text("cases.verdicts.urgent.several")
    }

    /// What to do about it.
    var advice: String {
        VerdictWords(verdict: verdict, text: text).advice ?? text("cases.verdicts.\(verdict.kind.rawValue).advice")
    }

    /// The rule that led to it.
    var rule: String {
        verdict.readings.leading > 0
            ? text("cases.readings.rule")
            : VerdictWords(verdict: verdict, text: text).rule ?? text("cases.verdicts.\(verdict.kind.rawValue).rule")
    }

    /// How many images said what, the weightiest first.
    var counts: [String] {
        var parts = verdict.malignant.map {
            count("malignant", $0.images, ["class": text("classes.\($0.label).short")])
        }
        let rest: [(String, Int)] = [
            ("benign", verdict.benignCount), ("uncertain", verdict.uncertainCount), ("rejected", verdict.rejectedCount),
            ("failed", verdict.failedCount), ("pending", verdict.pendingCount),
        ]
        parts += rest.filter { $0.1 > 0 }.map { count($0.0, $0.1) }
        return parts + signed
    }

    /// What doctors signed, and where they or the network say another thing.
    private var signed: [String] {
        let readings = verdict.readings
        return [
            ("leading", readings.leading), ("unreadable", readings.unreadable), ("disputed", readings.disputed),
            ("differing", readings.differing), ("newImages", readings.newImages),
        ].filter { $0.1 > 0 }.map { counted("cases.readings.\($0.0)", $0.1) }
    }

    /// Why these fields of view are no verdict on a person, and how many a reader would want.
    var fields: String {
        let values = [
            "usable": counted("cases.fieldCount", verdict.usableCount), "wanted": String(CaseVerdict.wantedFields),
            "missing": String(verdict.missingFields),
        ]
        return text(verdict.missingFields > 0 ? "cases.fieldsMissing" : "cases.fieldsEnough", values)
    }

    func counted(_ key: String, _ number: Int, _ values: [String: String] = [:]) -> String {
        text.counted(key, number, values)
    }

    private func count(_ kind: String, _ number: Int, _ values: [String: String] = [:]) -> String {
        counted("cases.counts.\(kind)", number, values)
    }

}

/// A time for people: in UTC as written here; a script puts it into the reader's zone.
struct PageTime: Sendable {
    /// ISO 8601, for `<time datetime>`.
    let machine: String
    /// For people.
    let words: String
    /// The day alone, `2026-11-24`.
    let day: String

    init(_ date: Date) {
        machine = date.formatted(.iso8601)
        day = date.formatted(.iso8601.year().month().day().dateSeparator(.dash))
        words = "\(day) \(date.formatted(.iso8601.time(includingFractionalSeconds: false)).prefix(5)) UTC"
    }
}
