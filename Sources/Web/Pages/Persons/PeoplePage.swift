import Clinic
import Foundation
import Wording

/// The people in somebody's care.
struct PeoplePage: Sendable {
    struct Row: Sendable {
        let name: String
        let address: String
        /// Age, sex and how many cases.
        let line: String
        /// What is said of a consent that lacks.
        let consent: String?

        init(_ entry: Care.Entry, now: Date, text: TextCatalogue) {
            let dependent = entry.dependent
            name = dependent.facts.name
            address = "/people/\(dependent.id)"
            let sex = dependent.facts.sex.map { PersonForm.name(of: $0, text: text) }
            line = [
                text.counted("care.years", dependent.age(at: now)), sex, text.counted("care.cases", entry.cases),
            ].compactMap { $0 }.joined(separator: " · ")
            consent = entry.standing == .given ? nil : text("care.noConsent")
        }
    }

    let frame: PageFrame
    let notice: String?
    let rows: [Row]
    let form: DependentForm
    let words: ConsentWords
    let isOpen: Bool

    init(
        _ entries: [Care.Entry], sent: FormFields? = nil, error: ClinicError? = nil, notice: String?, now: Date,
        site: Site, context: WebContext
    ) {
        frame = PageFrame(site: site, title: site.text("care.title"), place: .account, context: context)
        self.notice = notice
        rows = entries.map { Row($0, now: now, text: site.text) }
        form = DependentForm(nil, sent: sent, error: error, now: now, text: site.text)
        words = ConsentWords(site)
        isOpen = entries.isEmpty || error != nil
    }
}

/// One person in care: what is known, their cases, the consent, and the way to remove them.
struct DependentPage: Sendable {
    let frame: PageFrame
    let notice: String?
    let row: PeoplePage.Row
    let form: DependentForm
    let cases: [PageLink]
    let words: ConsentWords
    let isGiven: Bool
    /// What was answered last, and when.
    let answered: String?
    let removeAddress: String

    init(
        _ entry: Care.Entry, cases: [SmearCase], sent: FormFields? = nil, error: ClinicError? = nil, notice: String?,
        now: Date, site: Site, context: WebContext
    ) {
        let text = site.text
        row = PeoplePage.Row(entry, now: now, text: text)
        frame = PageFrame(site: site, title: row.name, place: .account, context: context)
        self.notice = notice
        form = DependentForm(entry.dependent, sent: sent, error: error, now: now, text: text)
        self.cases = cases.map { PageLink(name: $0.title, address: "/cases/\($0.id)", isOn: false) }
        words = ConsentWords(site)
        isGiven = entry.standing == .given
        answered = entry.consent.map { consent in
            text(
                "consent.answers.\(consent.answer.rawValue)",
                ["date": PageTime(consent.at).day, "version": consent.version])
        }
        removeAddress = "\(row.address)/remove"
    }
}

/// Asks whose the cases of somebody become who is removed, or whether they are deleted.
struct RemoveDependentPage: Sendable {
    let frame: PageFrame
    let name: String
    let address: String
    let lead: String
    let cases: [PageLink]
    let hasCases: Bool
    let options: [FormOption]
    let deleteLabel: String
    let isDeleting: Bool
    let error: String?

    init(
        _ entry: Care.Entry, cases: [SmearCase], others: [Dependent], sent: FormFields? = nil,
        error: ClinicError? = nil, site: Site, context: WebContext
    ) {
        let text = site.text
        name = entry.dependent.facts.name
        address = "/people/\(entry.dependent.id)"
        frame = PageFrame(
            site: site, title: text("care.remove.title", ["name": name]), place: .account, context: context)
        lead = cases.isEmpty ? text("care.remove.none") : text.counted("care.remove.lead", cases.count)
        self.cases = cases.map { PageLink(name: $0.title, address: "/cases/\($0.id)", isOn: false) }
        hasCases = !cases.isEmpty
        let chosen = sent?["cases"]
        options =
            [FormOption(value: "owner", name: text("care.remove.toMe"), isChosen: chosen == "owner")]
            + others.filter { $0.id != entry.dependent.id }.map {
                FormOption(
                    value: $0.id.text, name: text("care.remove.to", ["name": $0.facts.name]),
                    isChosen: chosen == $0.id.text)
            }
        deleteLabel = text.counted("care.remove.delete", cases.count)
        isDeleting = chosen == "delete"
        self.error = error.map { text($0) }
    }
}
