import Findings
import Foundation

/// What administrators do with sites, and staff with the images of them.
public struct Sites: Sendable {
    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// A site with its newest passed qualification.
    public struct Entry: Sendable, Equatable {
        public let site: SmearSite
        /// That which `site.qualificationID` names.
        public let qualification: SiteQualification?

        /// Whether answers that a model gives now can be qualified here.
        public func isQualified(for model: ScreeningOutcome.Model) -> Bool {
            site.state == .qualified && qualification?.model == model
        }
    }

    /// All sites, in the order of their names.
    public func list() async throws -> [Entry] {
        try await database.read { transaction in
            try transaction.sites().map { try Self.entry($0, in: transaction) }
        }
    }

    /// A site by its identifier or its name.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func find(_ text: String) async throws -> SmearSite {
        let name = text.trimmingCharacters(in: .whitespaces)
        return try await database.read { transaction in
            if let id = SiteID(name), let site = try transaction.site(id) { return site }
            guard let site = try transaction.sites().first(where: { $0.name == name }) else { throw Self.missing }
            return site
        }
    }

    /// - Throws: `ClinicError.notFound`.
    public func entry(_ id: SiteID) async throws -> Entry {
        try await database.read { try Self.entry(Self.required(id, in: $0), in: $0) }
    }

    /// Adds a site, unqualified.
    ///
    /// - Throws: `ClinicError.invalid` as `SiteOptics.checked` and `SiteLimits.checked`, `.duplicate` with field `name`.
    public func create(
        _ optics: SiteOptics, limits: SiteLimits = SiteLimits(), by actor: AuditEntry.Actor
    ) async throws -> SmearSite {
        let now = clock()
        let site = SmearSite(
            optics: try optics.checked(), limits: try limits.checked(), createdAt: now, updatedAt: now)
        try await database.write { transaction in
            try transaction.insert(site)
            try transaction.append(SiteEvent(.created, of: site.id, at: now, by: actor.userID))
            try transaction.append(AuditEntry(.site(.create), by: actor, object: site.id.text, at: now))
        }
        return site
    }

    /// Changes what a site is called, what it is, or what it must show. A qualified site whose microscope is another one now,
    /// or whose limits are others, is suspended.
    ///
    /// - Throws: As `create`; `ClinicError.notFound`.
    public func change(
        _ id: SiteID, to optics: SiteOptics, limits: SiteLimits, by actor: AuditEntry.Actor
    ) async throws {
        let (optics, limits, now) = (try optics.checked(), try limits.checked(), clock())
        try await database.write { transaction in
            var site = try Self.held(id, in: transaction)
            let isSame = site.optics.isSameMicroscope(as: optics)
            let isAsAsked = site.limits == limits
            (site.optics, site.limits, site.updatedAt) = (optics, limits, now)
            if !isSame { site.controlsSince = now }
            try transaction.update(site)
            try transaction.append(SiteEvent(.changed, of: id, at: now, by: actor.userID))
            try transaction.append(
                AuditEntry(
                    .site(.update), by: actor, object: id.text,
                    detail: "microscope=\(isSame ? "same" : "other") limits=\(isAsAsked ? "same" : "other")", at: now))
            guard site.state == .qualified, !isSame || !isAsAsked else { return }
            try SiteWatching.suspend(
                site, .init(cause: isSame ? .limits : .changed, at: now), by: actor, in: transaction)
        }
    }

    /// Suspends a site.
    ///
    /// - Parameter reason: Why, for whoever has answers of it.
    /// - Returns: How many answers were marked anew.
    /// - Throws: `ClinicError.invalid` with field `reason`, `.notFound`.
    public func suspend(_ id: SiteID, because reason: String, by actor: AuditEntry.Actor) async throws -> Int {
        let reason = try Booking.text(
            reason, field: "reason", atMost: Self.maximumReason, isRequired: true)
        let now = clock()
        return try await database.write { transaction in
            let site = try Self.held(id, in: transaction)
            guard site.state != .suspended else {
                throw ClinicError(.invalid, "errors.sites.suspended", field: "reason")
            }
            return try SiteWatching.suspend(
                site, .init(cause: .hand, reason: reason, at: now), by: actor, in: transaction)
        }
    }

    /// Characters of a reason.
    public static let maximumReason = 500

    static func entry(_ site: SmearSite, in transaction: any SiteRows) throws -> Entry {
        Entry(site: site, qualification: try site.qualificationID.flatMap { try transaction.qualification($0) })
    }

    static func required(_ id: SiteID, in transaction: any SiteRows) throws -> SmearSite {
        guard let site = try transaction.site(id) else { throw missing }
        return site
    }

    static func held(_ id: SiteID, in transaction: any SiteRows) throws -> SmearSite {
        guard let site = try transaction.holdSite(id) else { throw missing }
        return site
    }

    private static var missing: ClinicError { ClinicError(.notFound, "errors.sites.none", field: "site") }
}
