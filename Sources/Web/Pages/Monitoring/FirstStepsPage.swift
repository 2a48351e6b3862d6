import Casework
import Clinic
import Foundation
import Packaging
import Screening
import Wording

/// What a new site needs before it serves anybody, each with the state that it really has.
struct FirstSteps: Sendable {
    /// What is done in which order.
    enum Step: String, Sendable, CaseIterable { case notice, mail, model, microscope, doctors, backup }

    /// The state of a step: whether it is done, and the words for it with their facts.
    struct State: Sendable, Equatable {
        let isDone: Bool
        /// Under `admin.start.steps.<step>`.
        let words: String
        var facts: [String: String] = [:]
    }

    /// Days after which a backup is old.
    static let backupDays = 7

    let states: [Step: State]

    /// Looks at everything.
    ///
    /// - Parameter runBy: Whom the notice names; nil for nobody.
    /// - Throws: `ClinicError.databaseUnavailable`.
    init(_ services: SiteServices, runBy: Operator?, text: TextCatalogue) async throws {
        let model = services.models.shelf.active.package.description
        let named = ["name": model.name, "version": model.version]
        let microscopes = try await services.sites.list()
        let qualified = microscopes.count { $0.isQualified(for: services.activeModel) }
        let counts = try await services.directory.entries(.verified, search: "", limit: 1, offset: 0).counts
        let (listed, waiting) = (counts[.verified] ?? 0, counts[.pending] ?? 0)
        let backup = try await services.backups.last()
        let isFresh = backup.map { services.clock().timeIntervalSince($0) < Double(Self.backupDays) * 86_400 } ?? false
        states = [
            .notice: Self.notice(runBy),
            .mail: services.mail == nil ? State(isDone: false, words: "open") : State(isDone: true, words: "done"),
            .model: model.demonstration
                ? State(isDone: false, words: "open", facts: named) : State(isDone: true, words: "done", facts: named),
            .microscope: State(
                isDone: qualified > 0, words: microscopes.isEmpty ? "none" : qualified > 0 ? "done" : "open",
                facts: ["count": text.number(microscopes.count), "qualified": text.number(qualified)]),
            .doctors: State(
                isDone: listed > 0, words: listed > 0 ? "done" : "open",
                facts: ["count": text.number(listed), "waiting": text.number(waiting)]),
            .backup: State(
                isDone: isFresh, words: backup == nil ? "none" : isFresh ? "done" : "open",
                facts: ["day": backup.map { PageTime($0).day } ?? ""]),
        ]
    }
}

extension FirstSteps {
    /// Whether the notice says who runs the server.
    private static func notice(_ runBy: Operator?) -> State {
        guard let runBy else { return State(isDone: false, words: "open") }
        return State(isDone: true, words: "done", facts: ["name": runBy.name, "contact": runBy.contact])
    }
}

/// The first steps after the set-up.
struct FirstStepsPage: Sendable {
    struct Row: Sendable {
        let title: String
        let state: String
        let mark: String
        let isDone: Bool
        let how: String
        let link: PageLink?
    }

    let admin: AdminPage
    let frame: PageFrame
    let summary: String
    let rows: [Row]

    init(_ steps: FirstSteps, site: Site, context: WebContext) {
        let text = site.text
        admin = AdminPage(.start, site: site, context: context)
        frame = admin.frame
        let done = steps.states.values.count { $0.isDone }
        summary = text(
            "admin.start.summary", ["done": text.number(done), "count": text.number(FirstSteps.Step.allCases.count)])
        rows = FirstSteps.Step.allCases.compactMap { step in
            guard let state = steps.states[step] else { return nil }
            return Row(
                title: text("admin.start.steps.\(step.rawValue).title"),
                state: text("admin.start.steps.\(step.rawValue).\(state.words)", state.facts),
                mark: text(state.isDone ? "admin.start.isDone" : "admin.start.isOpen"), isDone: state.isDone,
                how: text("admin.start.steps.\(step.rawValue).how"), link: Self.link(step, text))
        }
    }

    /// Where the step is done, unless it is done at the server's own machine.
    private static func link(_ step: FirstSteps.Step, _ text: TextCatalogue) -> PageLink? {
        switch step {
        case .notice, .mail, .backup: nil
        case .model: PageLink(name: text("admin.places.models"), address: "/admin/models", isOn: false)
        case .microscope: PageLink(name: text("admin.places.sites"), address: "/admin/sites", isOn: false)
        case .doctors:
            PageLink(name: text("admin.import.title"), address: "/admin/doctors/import", isOn: false)
        }
    }
}
