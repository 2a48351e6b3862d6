import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Asks people for their consent, and takes it back.
struct ConsentRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    var routes: [Route] {
        [
            Route(.get, "/consent", .user) { request, context in
                try await page(context, next: OwnPath.checked(FormFields(query: request)["next"]))
            },
            Route(.post, "/consent", .user, handler: answer),
        ]
    }

    private func page(
        _ context: WebContext, next: String, error: ClinicError? = nil
    ) async throws -> Response {
        let principal = try context.requiredPrincipal
        let page = ConsentPage(
            services.notice, history: try await services.consents.history(of: principal.userID),
            standing: try await services.consents.standing(of: principal.userID),
            people: try await services.care.list(of: principal), next: next, sent: error == nil ? nil : context.form,
            error: error, site: pages.site, context: context)
        return try pages.response(
            page, template: "consent", status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    /// Keeps what was answered; agreeing takes both boxes where somebody is in care.
    @Sendable private func answer(_ request: Request, _ context: WebContext) async throws -> Response {
        let (principal, form) = (try context.requiredPrincipal, context.form)
        let next = OwnPath.checked(form["next"])
        let words = ConsentWords(pages.site)
        switch form["answer"] {
        case "given":
            guard form["consent"] != nil else {
                return try await page(
                    context, next: next, error: ClinicError(.invalid, "errors.consent.tick", field: "consent"))
            }
            try await services.consents.answer(.given, to: words.own, of: principal.userID, by: principal.actor)
            for person in form.all("person").compactMap({ DependentID($0) }) {
                try await services.consents.answer(
                    .given, for: person, to: words.ofGuardian, of: principal.userID, by: principal.actor)
            }
        case "declined":
            try await services.consents.answer(.declined, to: words.own, of: principal.userID, by: principal.actor)
        case "withdrawn":
            try await services.consents.answer(.withdrawn, to: words.own, of: principal.userID, by: principal.actor)
            return Response.redirect(to: "/account?notice=withdrawn", type: .normal)
        default:
            return try await page(
                context, next: next, error: ClinicError(.invalid, "errors.consent.answer", field: "answer"))
        }
        return Response.redirect(to: next, type: .normal)
    }
}

/// The notice with its boxes, for somebody who has an account.
struct ConsentPage: Sendable {
    /// A person in care for whom the guardian is asked too.
    struct Asked: Sendable {
        let id: String
        let label: String
        let isTicked: Bool
    }

    let frame: PageFrame
    /// Why it is asked: the first time, because the notice is new, or because a backup was put back.
    let lead: String
    let words: ConsentWords
    let version: String
    let people: [Asked]
    let isTicked: Bool
    let error: String?
    let next: String
    /// Nothing is asked of somebody who has agreed already.
    let isGiven: Bool
    let answered: String?

    init(
        _ notice: ConsentNotice, history: [Consent], standing: Consents.Standing, people: [Care.Entry], next: String,
        sent: FormFields?,
        error: ClinicError?, site: Site, context: WebContext
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("consent.title"), place: .account, context: context)
        let last = history.last { $0.dependentID == nil }
        let isNew = standing == .open && last != nil
        lead = text(
            last?.answer == .lapsed ? "consent.leadRestored" : isNew ? "consent.leadAgain" : "consent.lead")
        words = ConsentWords(site)
        version = text("consent.version", ["version": Consent.version(notice.since, words.own)])
        let chosen = sent.map { Set($0.all("person")) }
        self.people = people.filter { $0.standing != .given }.map {
            Asked(
                id: $0.dependent.id.text, label: text("consent.agreeForNamed", ["name": $0.dependent.facts.name]),
                isTicked: chosen?.contains($0.dependent.id.text) ?? false)
        }
        isTicked = sent?["consent"] != nil
        self.error = error.map { text($0) }
        self.next = next
        isGiven = standing == .given
        answered = last.map { Self.words(of: $0, text) }
    }

    /// What was answered, when, and to which version.
    static func words(of consent: Consent, _ text: TextCatalogue) -> String {
        text(
            "consent.answers.\(consent.answer.rawValue)",
            ["date": PageTime(consent.at).day, "version": consent.version])
    }
}
