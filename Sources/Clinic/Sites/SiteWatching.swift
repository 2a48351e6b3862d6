import Crypto
import Findings
import Foundation

/// The watch within the transactions of the server: it sees every answer of a qualified site, takes each case once, and
/// suspends the site on an alarm in the same transaction.
public enum SiteWatching {
    public typealias Rows = SiteRows & ScreeningRows & NoticeRows & UserRows & AuditRows & SubscriptionRows

    /// Seconds without another answer after which a case is taken with the fields that it has.
    public static let quiet: TimeInterval = 600

    /// Writes down under which qualification an answer was given, and looks at the cases of its site that are complete. In
    /// the transaction that stores the answer, once that is stored.
    public static func answered(
        _ id: ScreeningID, _ outcome: ScreeningOutcome, now: Date, in transaction: any Rows
    ) throws {
        guard let screening = try transaction.screening(id), let siteID = screening.origin.siteID,
            let site = try transaction.holdSite(siteID)
        else { return }
        let qualification = try site.qualificationID.flatMap { try transaction.qualification($0) }
        let covers = site.covers(outcome, under: qualification)
        try transaction.setOrigin(
            ScreeningOrigin(siteID: siteID, qualificationID: covers ? qualification?.id : nil), of: id)
        guard site.state == .qualified, let qualification, outcome.model == qualification.model else { return }
        try transaction.waitForWatch(screening.caseID, at: siteID, under: qualification.id, since: now)
        try takeCases(of: siteID, now: now, in: transaction)
    }

    /// Takes the cases of a site that are complete: with ten fields, or without an image that waits and quiet for a while.
    public static func takeCases(of siteID: SiteID, now: Date, in transaction: any Rows) throws {
        for (smearCase, answeredAt) in try transaction.waitingCases(of: siteID) {
            guard let site = try transaction.holdSite(siteID), site.state == .qualified,
                let qualification = try site.qualificationID.flatMap({ try transaction.qualification($0) })
            else { return try transaction.endWaiting(ofSite: siteID) }
            let screenings = try transaction.screenings(of: smearCase).filter { $0.origin.siteID == siteID }
            let answers = screenings.compactMap(\.outcome).filter { $0.model == qualification.model }
            let isQuiet =
                answeredAt <= now.addingTimeInterval(-quiet)
                && !screenings.contains { [.queued, .running].contains($0.state) }
            guard isQuiet || answers.count >= WatchedCase.maximumFields else { continue }
            try transaction.endWaiting(of: smearCase)
            let fields = answers.filter(\.isOfMicroscope).map(WatchedField.init)
            guard let watched = WatchedCase(fields) else { continue }
            try take(watched, smearCase, of: site, qualification, now: now, in: transaction)
        }
    }

    private static func take(
        _ watched: WatchedCase, _ smearCase: CaseID, of site: SmearSite, _ qualification: SiteQualification,
        now: Date, in transaction: any Rows
    ) throws {
        let entries = try transaction.watchEntries(of: qualification.id)
        let controls = try site.counted(transaction.controls(of: site.id, answeredBy: qualification.model))
            .filter { $0.createdAt <= qualification.at }
        var watch = SiteWatch(
            controls: WatchedCase.controls(controls), watched: entries.compactMap { WatchedCase($0.fields) },
            novelty: entries.last?.novelty ?? BettingMartingale(),
            evidence: entries.last?.evidence ?? BettingMartingale())
        let step = watch.add(
            watched,
            coins: (coin(site.id, smearCase, "novelty"), coin(site.id, smearCase, "evidence")))
        try transaction.append(
            WatchEntry(
                qualificationID: qualification.id, sequence: (entries.last?.sequence ?? 0) + 1, caseID: smearCase,
                fields: watched.fields, step: step, novelty: watch.novelty, evidence: watch.evidence, at: now))
        guard let alarm = step.alarm else { return }
        try suspend(
            site, .init(cause: alarm == .novelty ? .novelty : .evidence, at: now), by: .system, in: transaction)
    }

    /// A number above 0 and up to 1 that nobody chooses, the same whenever the transaction is run again.
    private static func coin(_ site: SiteID, _ smearCase: CaseID, _ purpose: String) -> Double {
        let hash = SHA256.hash(data: Data("\(site)|\(smearCase)|\(purpose)".utf8))
        let number = hash.prefix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 3
        return Double(number + 1) / Double(UInt64(1) << 53)
    }

    /// Suspends a site: marks all answers since the last good check, tells administrators and whoever has such an answer, and
    /// writes it down. Whatever spoke against it, control fields from before do not qualify it again; only where nothing but
    /// its limits changed do they count.
    ///
    /// - Returns: How many answers were marked.
    @discardableResult
    static func suspend(
        _ site: SmearSite, _ suspension: SmearSite.Suspension, by actor: AuditEntry.Actor, in transaction: any Rows
    ) throws -> Int {
        let now = suspension.at
        var suspended = site
        (suspended.state, suspended.suspension, suspended.updatedAt) = (.suspended, suspension, now)
        if suspension.cause != .limits { suspended.controlsSince = now }
        try transaction.update(suspended)
        try transaction.endWaiting(ofSite: site.id)
        let count = try transaction.doubtAnswers(of: site.id, since: site.checkedAt ?? site.createdAt, at: now)
        try transaction.append(
            SiteEvent(
                .suspended, of: site.id, at: now, by: actor.userID,
                facts: ["cause": suspension.cause.rawValue, "reason": suspension.reason, "answers": "\(count)"]))
        try transaction.append(
            AuditEntry(
                .site(.suspend), by: actor, object: site.id.text,
                detail: "cause=\(suspension.cause.rawValue) answers=\(count)", at: now))
        try tell(ofAnswersMarkedAt: now, of: site.id, in: transaction)
        try tellAdministrators(.siteSuspended, of: site.id, now: now, in: transaction)
        return count
    }

    /// Tells whoever has an answer that was marked at this moment, and the systems that wait for it.
    static func tell(
        ofAnswersMarkedAt now: Date, of site: SiteID, in transaction: any SiteRows & NoticeRows & SubscriptionRows
    ) throws {
        let people = try transaction.peopleOfAnswersDoubted(at: now, of: site)
        for (smearCase, user) in people {
            try transaction.post(Notice(to: user, .answersDoubted, caseID: smearCase, siteID: site, createdAt: now))
        }
        for smearCase in Set(people.map(\.smearCase)).sorted(by: { $0.text < $1.text }) {
            try transaction.noteNews(of: smearCase, at: now)
        }
    }

    static func tellAdministrators(
        _ kind: Notice.Kind, of site: SiteID, now: Date, in transaction: any NoticeRows & UserRows
    ) throws {
        for administrator in try transaction.users(
            search: "", role: .administrator, limit: Notices.maximumAdministrators, offset: 0)
        where !administrator.isDisabled {
            try transaction.post(Notice(to: administrator.id, kind, siteID: site, createdAt: now))
        }
    }
}

extension WatchedCase {
    /// A case each of the usable control fields of one person, in the order in which they came.
    static func controls(_ fields: [ControlField]) -> [WatchedCase] {
        let usable = fields.filter { $0.purpose == .qualification && $0.answer.isUsable }
        return Dictionary(grouping: usable, by: \.person).sorted { $0.key < $1.key }
            .compactMap { WatchedCase($0.value.map(\.answer.watched)) }
    }
}
