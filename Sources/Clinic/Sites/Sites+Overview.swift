import Findings
import Foundation

/// What administrators look at.
extension Sites {
    /// A site with everything its page shows.
    public struct Overview: Sendable {
        public let entry: Entry
        /// Passed or not, newest first.
        public let qualifications: [SiteQualification]
        /// Control fields that the model in use has answered and that count.
        public let controls: [ControlField]
        /// What these would show.
        public let figures: QualificationFigures
        /// Cases that the watch took since the qualification.
        public let watchedCases: Int
        /// The last of them.
        public let lastWatched: WatchEntry?
        /// Answers that were marked anew, newest first, at most as many as were asked for.
        public let doubted: [DoubtedAnswer]
        /// Of all that were marked, those that are not in `doubted`.
        public let olderDoubted: Int
        /// Newest first.
        public let events: [SiteEvent]
        /// Names of those who did it.
        public let people: [UserID: String]
    }

    /// The plan and all changes.
    public struct ChangeControl: Sendable {
        public let plan: ChangePlan?
        /// Newest first.
        public let events: [SiteEvent]
        /// Newest first.
        public let activations: [(activation: ModelActivation, model: InstalledModel?)]
        public let sites: [SiteID: SmearSite]
        public let people: [UserID: String]
    }

    /// Changes that a page lists.
    public static let maximumListed = 200
    /// Marked answers that a page lists.
    public static let maximumDoubted = 5000

    /// Looks at a site, which is written down: the page names answers that were marked.
    ///
    /// - Parameters:
    ///   - model: The one in use.
    ///   - limit: Marked answers that are listed.
    /// - Throws: `ClinicError.notFound`.
    public func overview(
        _ id: SiteID, for model: ScreeningOutcome.Model, by actor: AuditEntry.Actor,
        listing limit: Int = maximumDoubted
    ) async throws -> Overview {
        let now = clock()
        return try await database.write { transaction in
            let entry = try Self.entry(Self.required(id, in: transaction), in: transaction)
            let controls = try entry.site.counted(transaction.controls(of: id, answeredBy: model))
            let last = try entry.site.qualificationID.flatMap { try transaction.lastWatchEntry(of: $0) }
            let events = try transaction.siteEvents(of: id, limit: Self.maximumListed)
            try transaction.append(AuditEntry(.site(.read), by: actor, object: id.text, at: now))
            let doubted = try transaction.doubtedAnswers(of: id, limit: limit)
            return Overview(
                entry: entry, qualifications: try transaction.qualifications(of: id, limit: 20),
                controls: controls, figures: QualificationFigures(controls, limits: entry.site.limits),
                watchedCases: last?.sequence ?? 0, lastWatched: last,
                doubted: doubted, olderDoubted: try transaction.countDoubtedAnswers(of: id) - doubted.count,
                events: events,
                people: try Self.names(events.compactMap(\.userID), in: transaction))
        }
    }

    /// The plan, and every change of sites and models.
    public func changeControl() async throws -> ChangeControl {
        try await database.read { transaction in
            let (plan, events) = (
                try transaction.changePlan(), try transaction.siteEvents(of: nil, limit: Self.maximumListed)
            )
            let activations = try transaction.modelActivations(limit: Self.maximumListed).map { activation in
                (activation, try activation.modelID.flatMap { try transaction.installedModel($0) })
            }
            let people = events.compactMap(\.userID) + activations.compactMap(\.0.by) + [plan?.userID].compactMap { $0 }
            return ChangeControl(
                plan: plan, events: events, activations: activations,
                sites: Dictionary(uniqueKeysWithValues: try transaction.sites().map { ($0.id, $0) }),
                people: try Self.names(people, in: transaction))
        }
    }

    /// Writes the plan anew.
    ///
    /// - Parameter revision: That of the plan which was before the writer; 0 for none.
    /// - Throws: `ClinicError.invalid` with the field, `.duplicate` where another one was quicker.
    public func setPlan(
        modifications: String, changeProtocol: String, impact: String, after revision: Int, by actor: AuditEntry.Actor
    ) async throws {
        func text(_ text: String, _ field: String) throws -> String {
            try Booking.text(text, field: field, atMost: ChangePlan.maximumText, isRequired: true)
        }
        let now = clock()
        let plan = ChangePlan(
            modifications: try text(modifications, "modifications"),
            changeProtocol: try text(changeProtocol, "protocol"), impact: try text(impact, "impact"),
            revision: revision + 1, at: now, userID: actor.userID)
        try await database.write { transaction in
            guard try transaction.changePlan()?.revision ?? 0 == revision else {
                throw ClinicError(.duplicate, "errors.sites.planChanged", field: "modifications")
            }
            try transaction.insert(plan)
            try transaction.append(
                SiteEvent(
                    .plan, of: nil, at: now, by: actor.userID, facts: ["revision": "\(plan.revision)"]))
            try transaction.append(
                AuditEntry(.site(.plan), by: actor, detail: "revision=\(plan.revision)", at: now))
        }
    }

    private static func names(_ ids: [UserID], in transaction: any UserRows) throws -> [UserID: String] {
        var names: [UserID: String] = [:]
        for id in Set(ids) { names[id] = try transaction.user(id)?.name }
        return names
    }
}
