import Foundation

/// Everything that is kept about a person, for the copy that they may take with them.
public struct AccountRecords: Sendable {
    /// Rows of one kind at most; nobody has as many.
    private static let limit = 100_000
    private static let page = 50

    private let database: any ClinicDatabase
    public let user: User

    public init(of user: User, in database: any ClinicDatabase) {
        self.user = user
        self.database = database
    }

    public func tokens() async throws -> [APIToken] {
        try await database.read { [user] in try $0.apiTokens(of: user.id) }
    }

    /// The person's slides, without their files.
    public func slides() async throws -> [CaseSlide] {
        try await database.read { [user] in try $0.slides(ofOwner: user.id) }
    }

    /// What the person shares, with the names of those who see it.
    public func shares() async throws -> [(share: ScreeningShare, name: String)] {
        try await database.read { [user] transaction in
            try transaction.shares(by: user.id, limit: Self.limit).map { share in
                (share, try Self.name(of: share.userID, in: transaction))
            }
        }
    }

    /// What the person read in images of others, drafts too: they are the person's own words.
    public func readings() async throws -> [Reading] {
        var readings: [Reading] = []
        while true {
            let last = readings.last?.id
            let next = try await database.read { [user] in
                try $0.readings(by: user.id, after: last, limit: Self.page)
            }
            readings += next
            guard next.count == Self.page else { return readings }
        }
    }

    /// The person's appointments with the entries of the doctors, as far as they are still there.
    public func appointments() async throws -> [(appointment: Appointment, doctor: Doctor?)] {
        try await database.read { [user] transaction in
            try transaction.appointments(of: user.id, limit: Self.limit).map { appointment in
                (appointment, try transaction.doctor(appointment.doctorID))
            }
        }
    }

    public func reviews() async throws -> [Review] {
        try await database.read { [user] in try $0.reviews(by: user.id, limit: Self.limit) }
    }

    /// The person's entry in the directory with its papers; nil for who has none.
    public func practice() async throws -> (doctor: Doctor, documents: [DoctorDocument])? {
        try await Directory(database: database).own(user.id)
    }

    /// The next cases, newest first.
    ///
    /// - Parameter last: The case before them; nil for the first ones.
    /// - Returns: Empty after the last one.
    public func cases(after last: SmearCase?) async throws -> [SmearCase] {
        let cursor = last.map { CaseCursor(updatedAt: $0.updatedAt, id: $0.id) }
        return try await database.read { [user] transaction in
            try transaction.cases(of: user.id, matching: CaseFilter(), after: cursor, limit: Self.page).map(\.smearCase)
        }
    }

    /// What other systems asked of a case, the oldest first.
    public func requests(of smearCase: SmearCase) async throws -> [LabRequest] {
        try await database.read { try $0.labRequests(of: smearCase.id) }
    }

    /// What is in a case: its images and answers, and every signed revision of every reader, with the readers' names.
    public func contents(
        of smearCase: SmearCase
    ) async throws -> (images: [CaseImage], screenings: [ScreeningRecord], readings: [(reading: Reading, name: String)])
    {
        try await database.read { transaction in
            (
                try transaction.images(of: smearCase.id), try transaction.screenings(of: smearCase.id),
                try transaction.readings(ofCase: smearCase.id).filter { $0.signedAt != nil }.map { reading in
                    (reading, try Self.name(of: reading.readerID, in: transaction))
                }
            )
        }
    }

    /// The cells of a case, and what readers changed of them.
    public func cells(of screenings: [ScreeningID]) async throws -> (cells: [SmearCell], changes: [CellChange]) {
        try await database.read { transaction in
            (
                try transaction.cells(of: screenings, isHeld: false), try transaction.cellChanges(of: screenings)
            )
        }
    }

    /// What is known of the person whose sample a case holds, every signed revision of the readings of the whole case with the
    /// readers' names, and with whom it is shared whole.
    public func wholeCase(
        _ id: CaseID
    ) async throws -> (
        person: Person?, readings: [(reading: CaseReading, name: String)], shares: [(share: SharedCase, name: String)]
    ) {
        try await database.read { transaction in
            (
                try transaction.smearCase(id).flatMap { try CaseSubject(of: $0, in: transaction).person },
                try transaction.caseReadings(of: id).filter { $0.signedAt != nil }.map { reading in
                    (reading, try Self.name(of: reading.readerID, in: transaction))
                },
                try transaction.sharedCases(of: id).map { ($0, try Self.name(of: $0.userID, in: transaction)) }
            )
        }
    }

    /// The people in the person's care.
    public func dependents() async throws -> [Dependent] {
        try await database.read { [user] in try $0.dependents(of: user.id) }
    }

    /// What the person answered to which notice, for themselves and for others.
    public func consents() async throws -> [Consent] {
        try await database.read { [user] in try $0.consents(of: user.id) }
    }

    /// What the person read in cases of others, drafts too.
    public func caseReadings() async throws -> [CaseReading] {
        try await database.read { [user] in try $0.caseReadings(by: user.id, limit: Self.limit) }
    }

    private static func name(of user: UserID, in transaction: any DoctorRows & UserRows) throws -> String {
        try transaction.doctor(of: user)?.name ?? transaction.user(user)?.name ?? ""
    }
}
