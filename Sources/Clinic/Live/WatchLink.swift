import Foundation

public typealias WatchLinkID = Identifier<WatchLink>

/// A link by which whoever has it watches somebody's live microscope, and talks with them, until it ends.
public struct WatchLink: Sendable, Equatable {
    public let id: WatchLinkID
    /// Who looks through the microscope.
    public let ownerID: UserID
    /// SHA-256 of the secret; the secret itself is nowhere.
    public let digest: String
    public let createdAt: Date
    public let expiresAt: Date
    /// When its owner took it back; nil where nobody did.
    public let revokedAt: Date?
    /// How often somebody began to watch by it.
    public let openings: Int

    public init(
        id: WatchLinkID = WatchLinkID(), ownerID: UserID, digest: String, createdAt: Date, expiresAt: Date,
        revokedAt: Date? = nil, openings: Int = 0
    ) {
        (self.id, self.ownerID, self.digest, self.createdAt) = (id, ownerID, digest, createdAt)
        (self.expiresAt, self.revokedAt, self.openings) = (expiresAt, revokedAt, openings)
    }

    /// Whether somebody can watch by it.
    public func isOpen(at now: Date) -> Bool { revokedAt == nil && now < expiresAt }
}

/// Links to live microscopes.
public protocol WatchLinkRows {
    func insert(_ link: WatchLink) throws
    func watchLink(digest: String) throws -> WatchLink?
    func countOpenWatchLinks(of owner: UserID, now: Date) throws -> Int
    /// Those by which somebody can watch now, the oldest first.
    func openWatchLinks(of owner: UserID, now: Date) throws -> [WatchLink]
    /// The same of all owners.
    func openWatchLinks(now: Date) throws -> [WatchLink]
    /// Counts that somebody began to watch, unless the link has ended meanwhile.
    ///
    /// - Returns: Whether it was counted.
    func countWatching(_ id: WatchLinkID, at: Date) throws -> Bool
    /// Takes a link back, once.
    ///
    /// - Returns: Whether it was there and not taken back before.
    func revokeWatchLink(_ id: WatchLinkID, of owner: UserID, at: Date) throws -> Bool
    /// Forgets links that ended, or were taken back, before a moment.
    func deleteWatchLinks(endedBefore: Date) throws
}

/// Lets somebody give others a look through their live microscope, and take that back. Nothing of what is seen or said is
/// stored: the rows know that there was a link.
public struct WatchLinks: Sendable {
    /// Hours that a link may last, and how many it lasts where nobody says.
    public static let hours = 1...12
    public static let defaultHours = 2
    /// Links of one person by which somebody can watch at the same time.
    public static let maximumOpen = 5
    /// Seconds that a link is kept after its end.
    static let kept: TimeInterval = 86_400

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// Makes a link.
    ///
    /// - Returns: The link, and its secret, which is told this once.
    /// - Throws: `ClinicError.invalid` with field `hours`; `.quotaExceeded` where there are as many as there may be.
    public func make(hours: Int, by owner: Principal) async throws -> (link: WatchLink, secret: SecretToken) {
        guard Self.hours.contains(hours) else {
            throw ClinicError(
                .invalid, "errors.watch.hours",
                ["minimum": Self.hours.lowerBound, "maximum": Self.hours.upperBound], field: "hours")
        }
        let (now, secret) = (clock(), SecretToken())
        let link = WatchLink(
            ownerID: owner.userID, digest: secret.digest, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(hours) * 3600))
        try await database.write { transaction in
            try transaction.append(
                AuditEntry(
                    .live(.link), by: owner.actor, object: owner.userID.text, detail: "link=\(link.id) hours=\(hours)",
                    at: now))
            // Holds the log from here on, so that two requests at the same time are counted one after the other.
            _ = try transaction.auditHead()
            guard try transaction.countOpenWatchLinks(of: owner.userID, now: now) < Self.maximumOpen else {
                throw ClinicError(.quotaExceeded, "errors.watch.tooMany", ["count": Self.maximumOpen])
            }
            try transaction.insert(link)
        }
        return (link, secret)
    }

    /// Takes a link back: from now on nobody watches by it.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but its owner, and for one that was taken back before.
    public func revoke(_ link: WatchLinkID, by owner: Principal) async throws {
        let now = clock()
        try await database.write { transaction in
            guard try transaction.revokeWatchLink(link, of: owner.userID, at: now) else {
                throw ClinicError(.notFound, "errors.nothingHere")
            }
            try transaction.append(
                AuditEntry(
                    .live(.unlink), by: owner.actor, object: owner.userID.text, detail: "link=\(link)", at: now))
        }
    }

    /// Takes all open links of somebody back.
    ///
    /// - Returns: Those that ended by this.
    public func revokeAll(by owner: Principal) async throws -> [WatchLinkID] {
        let now = clock()
        return try await database.write { transaction in
            let ended = try transaction.openWatchLinks(of: owner.userID, now: now).map(\.id).filter {
                try transaction.revokeWatchLink($0, of: owner.userID, at: now)
            }
            for link in ended {
                try transaction.append(
                    AuditEntry(
                        .live(.unlink), by: owner.actor, object: owner.userID.text, detail: "link=\(link)", at: now))
            }
            return ended
        }
    }

    /// After a backup was put back nobody watches by a link: a backup does not know what was taken back since.
    public static func lapse(at now: Date, in transaction: any WatchLinkRows & AuditRows) throws {
        for link in try transaction.openWatchLinks(now: now)
        where try transaction.revokeWatchLink(link.id, of: link.ownerID, at: now) {
            try transaction.append(
                AuditEntry(.live(.unlink), by: .system, object: link.ownerID.text, detail: "link=\(link.id)", at: now))
        }
    }

    /// The links by which somebody can watch this person's microscope now, the oldest first.
    public func open(of owner: Principal) async throws -> [WatchLink] {
        let now = clock()
        return try await database.read { try $0.openWatchLinks(of: owner.userID, now: now) }
    }

    /// Whether somebody can watch by any link of this person.
    public func areOpen(of owner: UserID) async throws -> Bool {
        let now = clock()
        return try await database.read { try $0.countOpenWatchLinks(of: owner, now: now) > 0 }
    }

    /// The link of a secret.
    ///
    /// - Throws: `ClinicError.notFound` for one that leads nowhere, whatever the reason.
    public func link(of secret: SecretToken) async throws -> WatchLink {
        let now = clock()
        return try await database.read { try Self.found(secret, now: now, in: $0) }
    }

    /// Begins to watch; counted, and written into the log.
    ///
    /// - Throws: As `link`.
    public func watch(_ secret: SecretToken) async throws -> WatchLink {
        let now = clock()
        return try await database.write { transaction in
            let link = try Self.found(secret, now: now, in: transaction)
            guard try transaction.countWatching(link.id, at: now) else { throw Self.ended }
            try transaction.append(
                AuditEntry(
                    .live(.openLink), by: .anonymous, object: link.ownerID.text, detail: "link=\(link.id)", at: now))
            return link
        }
    }

    /// Forgets links a day after their end; for a call now and then.
    public func sweep() async throws {
        let end = clock().addingTimeInterval(-Self.kept)
        try await database.write { try $0.deleteWatchLinks(endedBefore: end) }
    }

    private static func found(
        _ secret: SecretToken, now: Date, in transaction: any WatchLinkRows & UserRows
    ) throws -> WatchLink {
        guard let link = try transaction.watchLink(digest: secret.digest), link.isOpen(at: now),
            let owner = try transaction.user(link.ownerID), !owner.isDisabled
        else { throw ended }
        return link
    }

    /// The same for a link that ended, one that was taken back and one that never was.
    private static var ended: ClinicError { ClinicError(.notFound, "errors.watch.ended") }
}
