import Foundation

/// Something that a person should know of: a count in the navigation, a line on the home page, perhaps a letter.
public struct Notice: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The doctor confirmed a visit. `appointmentID` says which.
        case visitConfirmed = "visit-confirmed"
        /// A doctor (`aboutID`) signed a reading in the case.
        case readingSigned = "reading-signed"
        /// Images of the case are no longer shared between the reader and the other (`aboutID`).
        case shareEnded = "share-ended"
        /// A malignant reading of the case that nobody opened for a day.
        case readingUnopened = "reading-unopened"
        /// Answers in the case were marked anew, because their microscope (`siteID`) was suspended.
        case answersDoubted = "answers-doubted"
        /// A microscope (`siteID`) was suspended; for administrators.
        case siteSuspended = "site-suspended"
        /// A microscope (`siteID`) passed its qualification; for administrators.
        case siteQualified = "site-qualified"
        /// The case will go, because nobody uses it; opening it keeps it.
        case caseEnding = "case-ending"
        /// The account will go, because nobody uses it; logging in keeps it.
        case accountEnding = "account-ending"

        /// Whether a letter goes out; that a visit is confirmed has its own.
        public var hasLetter: Bool { self != .visitConfirmed }

        /// Whether its reader may put it away; the others are seen by opening what they are about.
        public var isDismissible: Bool { self != .visitConfirmed && self != .readingSigned && self != .caseEnding }
    }

    public enum Letter: String, Sendable, CaseIterable { case none, due, sending, sent, failed }

    public let id: NoticeID
    /// Who is told.
    public let userID: UserID
    public let kind: Kind
    public let caseID: CaseID?
    public let appointmentID: AppointmentID?
    /// The other person concerned.
    public let aboutID: UserID?
    /// The microscope concerned.
    public let siteID: SiteID?
    public let createdAt: Date
    public let letter: Letter
    /// When others are told, unless it was seen by then; nil where nobody is.
    public let escalatesAt: Date?

    public init(
        id: NoticeID = NoticeID(), to userID: UserID, _ kind: Kind, caseID: CaseID? = nil,
        appointmentID: AppointmentID? = nil, aboutID: UserID? = nil, siteID: SiteID? = nil, createdAt: Date,
        letter: Letter? = nil,
        escalatesAt: Date? = nil
    ) {
        (self.id, self.userID, self.kind, self.caseID) = (id, userID, kind, caseID)
        (self.appointmentID, self.aboutID, self.createdAt) = (appointmentID, aboutID, createdAt)
        self.siteID = siteID
        self.letter = letter ?? (kind.hasLetter ? .due : .none)
        self.escalatesAt = escalatesAt
    }
}

public typealias NoticeID = Identifier<Notice>

/// What people are told.
public protocol NoticeRows {
    /// Stores a notice, in place of an unseen one of the same kind about the same thing, so that nobody is told twice of what
    /// they have not seen.
    func post(_ notice: Notice) throws
    /// Those not seen, the newest first.
    func unseenNotices(of user: UserID, limit: Int) throws -> [Notice]
    func countUnseenNotices(of user: UserID) throws -> Int
    /// - Returns: The notice, seen or not.
    func notice(_ id: NoticeID) throws -> Notice?
    func markSeen(_ id: NoticeID, at: Date) throws
    /// Marks what somebody was told of a reading in the case.
    func markReadingsSeen(of smearCase: CaseID, by user: UserID, at: Date) throws
    func markVisitSeen(_ appointment: AppointmentID, by user: UserID, at: Date) throws
    /// Whether somebody was told, seen or not, that a share of this case ended.
    func hasEndedShare(of smearCase: CaseID, for user: UserID) throws -> Bool
    /// Those that nobody saw in time, the oldest first.
    func overdueNotices(now: Date, limit: Int) throws -> [Notice]
    /// - Returns: Whether it still had to be told of; of two at once, one is told so.
    func claimEscalation(_ id: NoticeID) throws -> Bool
    /// Those whose letters have to go out, the oldest first.
    func dueLetters(limit: Int) throws -> [Notice]
    /// - Returns: Whether it still had to be sent; of two at once, one is told so.
    func claimLetter(_ id: NoticeID) throws -> Bool
    /// The mail server took the letter.
    func confirmLetter(_ id: NoticeID) throws
    /// As `returnLetter`, for all that a server was sending when it ended.
    func returnInterruptedLetters(attempts: Int) throws
    /// The letter was not taken: it is tried again, so many times.
    func returnLetter(_ id: NoticeID, attempts: Int) throws
}
