import Foundation

/// A case or an account that nobody has used for long.
public struct UnusedObject: Sendable, Equatable {
    /// Its identifier.
    public let id: String
    /// Who is told: its owner.
    public let userID: UserID
    /// When it was last used.
    public let usedAt: Date

    public init(id: String, userID: UserID, usedAt: Date) {
        (self.id, self.userID, self.usedAt) = (id, userID, usedAt)
    }
}

/// That somebody was told that a case or account of theirs will go.
public struct RetentionAnnouncement: Sendable, Equatable {
    /// `account` or `case`.
    public let kind: Erasure.Kind
    public let object: UnusedObject
    /// How they were told.
    public let noticeID: NoticeID
    public let announcedAt: Date
    /// When it goes, unless it is used by then.
    public let dueAt: Date

    public init(
        _ kind: Erasure.Kind, _ object: UnusedObject, noticeID: NoticeID, announcedAt: Date, dueAt: Date
    ) {
        (self.kind, self.object, self.noticeID) = (kind, object, noticeID)
        (self.announcedAt, self.dueAt) = (announcedAt, dueAt)
    }
}

/// What is needed to keep nothing longer than its period.
public protocol RetentionRows {
    /// Cases or accounts that nobody used since a moment and whose owners were not told, the longest unused first. A case
    /// is used when somebody opens, reads or changes it; an account when its owner is logged in or a token of theirs is used.
    /// Accounts of administrators, and those with a visit to come or a case in use, are never among them.
    func unused(_ kind: Erasure.Kind, since: Date, now: Date, limit: Int) throws -> [UnusedObject]
    /// Whether it is one of those, told or not.
    func isUnused(_ kind: Erasure.Kind, _ id: String, since: Date, now: Date) throws -> Bool
    func insert(_ announcement: RetentionAnnouncement) throws
    func removeAnnouncement(of id: String) throws
    func announcements(of kind: Erasure.Kind, limit: Int) throws -> [RetentionAnnouncement]
    /// Those of things that were used since, or are gone.
    func staleAnnouncements(limit: Int) throws -> [RetentionAnnouncement]
    /// Those whose time has come and whose letter was taken by the mail server, the oldest first.
    func dueAnnouncements(now: Date, limit: Int) throws -> [RetentionAnnouncement]
    /// Nothing that was announced is due before a moment.
    func postponeAnnouncements(until: Date) throws
    /// - Returns: Nil before the first look.
    func retentionWatch() throws -> RetentionWatch?
    func store(_ watch: RetentionWatch) throws
    /// Removes the oldest entries of the audit log, up to the first younger one and never the last of all. What is left
    /// still verifies: where it begins is sealed as its end is.
    ///
    /// - Returns: How many went.
    /// - Throws: `ClinicError.corrupt` where they are not as they were written: proof of that is not removed.
    func cutAudit(before: Date, limit: Int) throws -> Int
}
