import Clinic
import Findings
import Foundation
import Wording

/// Says in words what a case comes to.
struct CaseWords: Sendable {
    let conclusion: CaseConclusion
    let text: TextCatalogue

    /// What the images say.
    private var verdict: CaseVerdict { conclusion.leading == nil ? conclusion.verdict : conclusion.network }

    /// Whether a doctor's reading of the whole case is said, and not what the images say.
    var isLed: Bool { conclusion.leading != nil }

    /// In a few words.
    var headline: String {
        conclusion.leading.map { ReadingWords(text: text).label($0) } ?? Self.headline(verdict, text: text)
    }

    /// What the network alone says, where a doctor's reading is said before it.
    var network: String? {
        guard isLed else { return nil }
        return text("cases.readings.network", ["verdict": Self.headline(conclusion.network, text: text)])
    }

    static func headline(_ verdict: CaseVerdict, text: TextCatalogue) -> String {
        guard verdict.kind == .urgent else { return text("cases.verdicts.\(verdict.word).name") }
        return verdict.malignant.count == 1
            ? text("classes.\(verdict.malignant[0].label).name") : text("cases.verdicts.urgent.several")
    }

    /// What to do about it. That a doctor saw malaria parasites is said whatever leads.
    var advice: String {
        guard conclusion.readings.contains(where: { $0.findings.contains(.malariaParasites) }) else { return usual }
        let malaria = text("readings.malariaAdvice")
        return conclusion.leading?.findings.contains(.malariaParasites) == true ? malaria : "\(malaria) \(usual)"
    }

    /// What to do about what leads.
    private var usual: String {
        guard let leading = conclusion.leading else {
            return VerdictWords(verdict: verdict, text: text).advice
                ?? text("cases.verdicts.\(verdict.word).advice")
        }
        return switch leading.label {
        case .smearClass(let read) where read.isMalignant: text("cases.verdicts.urgent.advice")
        case .smearClass: text("cases.readings.benignAdvice")
        case .unreadable, .undecided: text("cases.verdicts.undecided.advice")
        case .normalBlood, .reactive, .otherMalignancy, .otherFinding:
            text("readings.answers.\(leading.label.word).advice")
        }
    }

    /// The rule that led to it.
    var rule: String {
        if isLed { return text("cases.readings.wholeRule") }
        return verdict.readings.leading > 0
            ? text("cases.readings.rule")
            : VerdictWords(verdict: verdict, text: text).rule ?? text("cases.verdicts.\(verdict.word).rule")
    }

    /// How many images said what, the weightiest first; of the network alone where a reading of the whole case leads.
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
        let readings = conclusion.verdict.readings
        guard !conclusion.readings.isEmpty else { return signed(readings, newImages: readings.newImages) }
        let whole =
            conclusion.isDisputed ? [text("cases.readings.wholeDisputed")] : []
        return whole + signed(readings, newImages: conclusion.newImages)
    }

    private func signed(_ readings: CaseReadings, newImages: Int) -> [String] {
        let leading = isLed ? 0 : readings.leading
        return [
            ("leading", leading), ("unreadable", readings.unreadable), ("disputed", readings.disputed),
            ("differing", readings.differing), ("newImages", newImages),
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
