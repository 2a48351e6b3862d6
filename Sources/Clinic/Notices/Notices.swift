import Foundation

/// Tells people what happened, and others what was not seen.
public struct Notices: Sendable {
    /// Seconds after which a malignant reading that nobody opened is brought to others' notice.
    public static let patience: TimeInterval = 86_400
    /// Lines that a page shows.
    public static let maximumListed = 20
    /// Administrators who are told of one unopened reading.
    public static let maximumAdministrators = 20
    /// Notices of one round.
    public static let batch = 100
    /// Times that a letter is tried.
    public static let letterAttempts = 5

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// What a line needs.
    public struct Line: Sendable, Equatable {
        public let notice: Notice
        /// The other person's name; empty where there is none.
        public let aboutName: String
        /// The title of the case, for its owner alone.
        public let caseTitle: String?
        /// The name of the microscope; empty where none is concerned.
        public let siteName: String
    }

    /// What somebody has not seen, the newest first.
    public func lines(of user: UserID) async throws -> [Line] {
        try await database.read { transaction in
            try transaction.unseenNotices(of: user, limit: Self.maximumListed).map { notice in
                let smearCase = try notice.caseID.flatMap { try transaction.smearCase($0) }
                let name = try notice.aboutID.flatMap { about in
                    try transaction.doctor(of: about)?.name ?? transaction.user(about)?.name
                }
                return Line(
                    notice: notice, aboutName: name ?? "",
                    caseTitle: smearCase?.ownerID == user ? smearCase?.title : nil,
                    siteName: try notice.siteID.flatMap { try transaction.site($0)?.name } ?? "")
            }
        }
    }

    public func count(of user: UserID) async throws -> Int {
        try await database.read { try $0.countUnseenNotices(of: user) }
    }

    /// Puts a notice away.
    ///
    /// - Throws: `ClinicError.notFound` for another's, and for one that is seen by opening what it is about.
    public func dismiss(_ id: NoticeID, by user: UserID) async throws {
        let now = clock()
        try await database.write { transaction in
            guard let notice = try transaction.notice(id), notice.userID == user, notice.kind.isDismissible else {
                throw ClinicError(.notFound, "errors.nothingHere")
            }
            try transaction.markSeen(id, at: now)
        }
    }

    /// Whether a case was shared with somebody and no longer is.
    public func hasEndedShare(of screening: ScreeningID, for user: UserID) async throws -> Bool {
        try await database.read { transaction in
            guard let smearCase = try transaction.screening(screening)?.caseID else { return false }
            return try transaction.hasEndedShare(of: smearCase, for: user)
        }
    }

    /// As above, for a whole case.
    public func hasEndedShare(of smearCase: CaseID, for user: UserID) async throws -> Bool {
        try await database.read { try $0.hasEndedShare(of: smearCase, for: user) }
    }

    /// Tells the doctor who signed, and the administrators, of malignant readings that nobody opened for a day; each once.
    public func escalate() async throws {
        let now = clock()
        try await database.write { transaction in
            for notice in try transaction.overdueNotices(now: now, limit: Self.batch) {
                guard try transaction.claimEscalation(notice.id) else { continue }
                let administrators = try transaction.users(
                    search: "", role: .administrator, limit: Self.maximumAdministrators, offset: 0
                ).filter { !$0.isDisabled }.map(\.id)
                for told in [notice.aboutID].compactMap({ $0 }) + administrators
                where try transaction.user(told) != nil {
                    try transaction.post(
                        Notice(
                            to: told, .readingUnopened, caseID: notice.caseID, aboutID: notice.userID, createdAt: now))
                }
            }
        }
    }

    /// Letters to send, with their readers.
    public func dueLetters() async throws -> [(notice: Notice, reader: LetterReader)] {
        try await database.read { transaction in
            try transaction.dueLetters(limit: Self.batch).compactMap { notice in
                try transaction.user(notice.userID).map {
                    (notice, LetterReader(email: $0.email, language: $0.language))
                }
            }
        }
    }

    /// - Returns: Whether the caller is to send it.
    public func claimLetter(_ id: NoticeID) async throws -> Bool { try await database.write { try $0.claimLetter(id) } }

    /// Notes that the mail server took a letter.
    public func confirmLetter(_ id: NoticeID) async throws { try await database.write { try $0.confirmLetter(id) } }

    /// Makes letters due again that a server was sending when it ended: whether they were taken is not known. Where several
    /// servers run, one that another is sending at this moment goes out twice.
    public func returnInterruptedLetters() async throws {
        try await database.write { try $0.returnInterruptedLetters(attempts: Self.letterAttempts) }
    }

    /// Gives a letter back that could not be sent.
    public func returnLetter(_ id: NoticeID) async throws {
        try await database.write { try $0.returnLetter(id, attempts: Self.letterAttempts) }
    }
}
