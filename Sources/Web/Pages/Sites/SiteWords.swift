import Clinic
import Findings
import Foundation
import Wording

/// Says in words what a microscope is worth.
struct SiteWords: Sendable {
    let text: TextCatalogue

    /// What stands beside every answer.
    func standing(_ standing: SiteStanding) -> String {
        guard let name = standing.name else { return text("sites.standing.unknown") }
        let key = standing.isDoubted ? "doubted" : standing.qualification.rawValue
        return text("sites.standing.\(key)", ["name": name])
    }

    /// What a site is now.
    ///
    /// - Parameter model: The one in use.
    func state(_ entry: Sites.Entry, model: ScreeningOutcome.Model) -> String {
        let qualification = entry.qualification
        let facts = [
            "model": qualification.map { Self.name($0.model) } ?? "", "active": Self.name(model),
            "day": qualification.map { PageTime($0.at).day } ?? "",
        ]
        switch entry.site.state {
        case .unqualified: return text("sites.states.unqualified")
        case .qualified:
            return text("sites.states.\(entry.isQualified(for: model) ? "qualified" : "otherModel")", facts)
        case .suspended:
            guard let suspension = entry.site.suspension else { return text("sites.states.unqualified") }
            let cause = text("sites.causes.\(suspension.cause.rawValue)")
            return text(
                "sites.states.suspended",
                [
                    "day": PageTime(suspension.at).day,
                    "cause": suspension.reason.isEmpty ? cause : "\(cause) \(suspension.reason)",
                ])
        }
    }

    /// A change, for the list.
    func event(_ event: SiteEvent, names: [UserID: String], site: SmearSite?) -> SiteEventLine {
        var facts = event.facts
        if let cause = facts["cause"] { facts["cause"] = text("sites.causes.\(cause)") }
        return SiteEventLine(
            time: PageTime(event.at), siteName: site?.name,
            sentence: text("sites.events.\(event.kind.rawValue)", facts),
            by: event.userID.map { names[$0] ?? text("admin.audit.gone") } ?? text("admin.audit.system"))
    }

    /// The figures of a qualification, a line each.
    func lines(_ figures: QualificationFigures) -> [SiteFigureLine] {
        zip(["sensitivity", "specificity", "missed", "falseAlarms"], figures.shares).map { name, share in
            guard let share else {
                return SiteFigureLine(
                    name: text("sites.figures.\(name)"), value: "–", limit: "–", required: "–", people: "0",
                    isReached: false, words: text("sites.more.nobody"))
            }
            let isUpper = ["missed", "falseAlarms"].contains(name)
            return SiteFigureLine(
                name: text("sites.figures.\(name)"), value: Self.percent(share.value),
                limit: text("sites.limits.\(isUpper ? "below" : "above")", ["share": Self.percent(share.limit)]),
                required: text("sites.limits.\(isUpper ? "below" : "above")", ["share": Self.percent(share.required)]),
                people: text("sites.people", ["people": String(share.people), "fields": String(share.fields)]),
                isReached: share.isReached, words: more(share.morePeople))
        }
    }

    private func more(_ people: Int?) -> String {
        guard let people else { return text("sites.more.never") }
        return people == 0 ? text("sites.more.reached") : text.counted("sites.more.people", people)
    }

    static func name(_ model: ScreeningOutcome.Model) -> String { "\(model.name) \(model.version)" }

    static func percent(_ share: Double) -> String { String(format: "%.1f\u{a0}%%", 100 * share) }
}

/// One figure of a qualification.
struct SiteFigureLine: Sendable {
    let name: String
    let value: String
    let limit: String
    let required: String
    let people: String
    let isReached: Bool
    /// Whether it is reached, or what is missing.
    let words: String
}

/// One change of a site.
struct SiteEventLine: Sendable {
    let time: PageTime
    /// Nil on the page of that site, and for what concerns all.
    let siteName: String?
    let sentence: String
    let by: String
}

/// Where staff says which microscope the images of a case were made with.
struct SiteChoiceForm: Sendable {
    let action: String
    let back: String
    let options: [FormOption]

    /// - Parameter address: Of the case, or of the one image that a reader knows.
    init(_ choice: Sites.Choice, of address: String, back: String, text: TextCatalogue) {
        (action, self.back) = ("\(address)/site", back)
        options =
            [FormOption(value: "", name: text("sites.choose.unknown"), isChosen: choice.chosen == nil)]
            + choice.sites.map { FormOption(value: $0.id.text, name: $0.name, isChosen: $0.id == choice.chosen) }
    }
}
