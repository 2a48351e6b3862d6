import Findings
import Foundation

/// Which images were made where: staff says so, or a token that is bound to a site.
extension Sites {
    /// What staff chooses among for a case.
    public struct Choice: Sendable, Equatable {
        public let sites: [SmearSite]
        /// Chosen for the case.
        public let chosen: SiteID?
    }

    /// The sites that somebody may name for a case; nil for whoever may not.
    public func choice(of id: CaseID, for principal: Principal) async throws -> Choice? {
        guard principal.role.isStaff else { return nil }
        return try await database.read { transaction in
            guard try Self.mayChoose(id, principal.user, in: transaction) else { return nil }
            return Choice(sites: try transaction.sites(), chosen: try transaction.site(ofCase: id))
        }
    }

    /// Says where the images of a case were made; those that the same person or an administrator adds later are taken to be
    /// from there too, those of others are not. Answers that a suspension would have marked, had this been known, are marked
    /// now, and those whom they concern are told.
    ///
    /// - Parameter site: Nil for not known.
    /// - Throws: `ClinicError.notFound` for a patient, for a clinician whose case it is not and with whom none of its images
    ///   is shared, and for a site that there is not.
    public func choose(_ site: SiteID?, for id: CaseID, by principal: Principal) async throws {
        let now = clock()
        try await database.write { transaction in
            guard try Self.mayChoose(id, principal.user, in: transaction) else { throw CaseAccess.missing }
            let held = try site.map { try Self.held($0, in: transaction) }
            try transaction.setSite(site, ofCase: id)
            for screening in try transaction.screenings(of: id) {
                try Self.place(screening, at: held, now: now, in: transaction)
            }
            if let held { try SiteWatching.tell(ofAnswersMarkedAt: now, of: held.id, in: transaction) }
            try transaction.append(
                AuditEntry(
                    .smearCase(.site), by: principal.actor, object: id.text, detail: "site=\(site?.text ?? "unknown")",
                    at: now))
        }
    }

    /// As `choose(_:for:by:)`, of the case that an image is from, by somebody who may know of the image alone.
    /// - Throws: `ClinicError.notFound` likewise, and for a screening that there is not.
    public func choose(_ site: SiteID?, forCaseOf screening: ScreeningID, by principal: Principal) async throws {
        guard let id = try await database.read({ try $0.screening(screening)?.caseID }) else {
            throw CaseAccess.missing
        }
        try await choose(site, for: id, by: principal)
    }

    /// An answer that was given before is covered by a qualification that was there before it, and not by a later one. What was
    /// marked as doubtful stays so at its site.
    private static func place(
        _ screening: ScreeningRecord, at site: SmearSite?, now: Date, in transaction: any SiteRows
    ) throws {
        guard screening.origin.siteID != site?.id else { return }
        var origin = ScreeningOrigin(siteID: site?.id)
        let qualification = try site?.qualificationID.flatMap { try transaction.qualification($0) }
        if let site, let outcome = screening.outcome, let qualification, let finishedAt = screening.finishedAt,
            finishedAt >= qualification.at, site.covers(outcome, under: qualification)
        {
            origin.qualificationID = qualification.id
        }
        if let site, screening.outcome != nil, let finishedAt = screening.finishedAt,
            try isDoubtful(finishedAt, at: site.id, in: transaction)
        {
            origin.doubtedAt = now
        }
        try transaction.setOrigin(origin, of: screening.id)
    }

    /// Whether the first that was said of the site after an answer is a suspension, and no good check.
    private static func isDoubtful(
        _ answeredAt: Date, at site: SiteID, in transaction: any SiteRows
    ) throws -> Bool {
        let events = try transaction.siteEvents(of: site, limit: maximumEvents).filter {
            switch $0.kind {
            case .qualified, .check: $0.at > answeredAt
            case .suspended: $0.at >= answeredAt
            case .created, .changed, .controls, .refused, .plan: false
            }
        }
        return events.last?.kind == .suspended
    }

    /// Changes of a site that are looked through, the newest.
    private static let maximumEvents = 10_000

    /// Who may: the owner of a case who is staff, an administrator, and a clinician with whom an image of it is shared.
    private static func mayChoose(
        _ id: CaseID, _ user: User, in transaction: any CaseRows & ReadingRows
    ) throws -> Bool {
        guard user.role.isStaff, let smearCase = try transaction.smearCase(id) else { return false }
        if user.role == .administrator || smearCase.ownerID == user.id { return true }
        return try transaction.shares(ofCase: id).contains { $0.userID == user.id }
    }

    /// Where an image was made that is added now.
    ///
    /// - Parameters:
    ///   - bound: The site of the token that sends it.
    ///   - actor: Who adds it.
    public static func site(
        ofNewImageIn smearCase: CaseID, bound: SiteID?, by actor: AuditEntry.Actor,
        in transaction: any SiteRows & UserRows
    ) throws -> SiteID? {
        if let bound { return try transaction.site(bound)?.id }
        guard case .user(let id) = actor, try transaction.user(id)?.role.isStaff == true else { return nil }
        return try transaction.site(ofCase: smearCase)
    }

    /// The microscope of a screening; nil where it is unknown.
    public static func optics(of screening: ScreeningRecord, in transaction: any SiteRows) throws -> SiteOptics? {
        try screening.origin.siteID.flatMap { try transaction.site($0) }?.optics
    }

    /// The standings of screenings, by their sites.
    static func standings(
        of screenings: [ScreeningRecord], in transaction: any SiteRows
    ) throws -> [ScreeningID: SiteStanding] {
        var sites: [SiteID: SmearSite] = [:]
        for id in Set(screenings.compactMap(\.origin.siteID)) { sites[id] = try transaction.site(id) }
        return Dictionary(
            screenings.map { ($0.id, SiteStanding($0.origin, of: $0.origin.siteID.flatMap { sites[$0] })) },
            uniquingKeysWith: { $1 })
    }

    /// What is said of the microscope of a screening.
    public func standing(of screening: ScreeningRecord) async throws -> SiteStanding {
        guard screening.origin.siteID != nil else { return .unknown }
        return try await database.read { try Self.standings(of: [screening], in: $0)[screening.id] ?? .unknown }
    }

    /// Takes the cases of all sites that are complete by now: a case after which no answer came waits for this.
    public func takeCases() async throws {
        let now = clock()
        for site in try await database.read({ try $0.sitesWithWaitingCases() }) {
            try await database.write { try SiteWatching.takeCases(of: site, now: now, in: $0) }
        }
    }
}

extension Role {
    /// Clinicians and administrators: whoever works at a microscope may say which it was.
    public var isStaff: Bool { self != .patient }
}
