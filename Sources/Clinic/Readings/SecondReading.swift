import Foundation

/// A clinician reads shared screenings: drafts, signs, and may sign another revision later.
public struct SecondReading: Sendable {
    /// Characters that a comment may have.
    public static let maximumComment = 4000
    /// Lines that a work list holds at most.
    public static let maximumListed = 2000

    /// What a reader wrote.
    public struct Entry: Sendable, Equatable {
        /// nil for what was sent and is none, which is refused.
        public var label: ReaderLabel?
        public var comment: String
        /// The revision that the reader had before them, so that nothing signed meanwhile is passed over.
        public var revision: Int
        /// Whether the network's answer was hidden.
        public var isBlind: Bool

        public init(label: ReaderLabel?, comment: String, revision: Int, isBlind: Bool) {
            (self.label, self.comment, self.revision, self.isBlind) = (label, comment, revision, isBlind)
        }
    }

    /// A screening before its reader.
    public struct Desk: Sendable {
        public let screening: ScreeningRecord
        public let image: CaseImage
        /// Of whose account it is.
        public let patientName: String
        /// Whether the sample is of somebody in the care of that patient.
        public let isOfDependent: Bool
        public let sharedAt: Date
        /// Of this reader, oldest first; the last may be a draft.
        public let readings: [Reading]
        /// The signed ones as they are shown: of this reader alone, since each reads independently of the others.
        public let signedReadings: [SignedReading]
        /// What is said of the microscope.
        public let standing: SiteStanding

        /// The draft; nil before anything was written since the last signature.
        public var draft: Reading? { readings.last.flatMap { $0.signedAt == nil ? $0 : nil } }
        /// The signed reading that counts.
        public var signed: Reading? { readings.last { $0.signedAt != nil } }
        /// The number of the revision that is written next or now.
        public var revision: Int { draft?.revision ?? (signed?.revision ?? 0) + 1 }
    }

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// What is shared with a clinician, in the order in which it should be read.
    ///
    /// - Parameter isBlind: Whether the network's answers are hidden.
    public func workList(
        of user: User, filter: ReadingWorkList.Filter, isBlind: Bool
    ) async throws -> ReadingWorkList {
        let entry = AuditEntry(
            .readingList(isBlind ? .hidden : .shown), by: .user(user.id), object: user.id.text, at: clock())
        return try await database.write { transaction in
            try transaction.append(entry)
            var list = try Self.workList(of: user, filter: filter, isBlind: isBlind, in: transaction)
            for id in Set(list.lines.map(\.caseID)) {
                list.told[id] = try transaction.smearCase(id).flatMap {
                    try ToldOfCase(of: $0, to: user.id, in: transaction)
                }
            }
            return list
        }
    }

    /// Opens a screening for reading, with its place in the work list; written down.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom it is shared now.
    public func open(
        _ id: ScreeningID, by user: User, filter: ReadingWorkList.Filter, isBlind: Bool
    ) async throws -> (Desk, ReadingWorkList) {
        let now = clock()
        return try await database.write { transaction in
            let desk = try Self.desk(id, of: user, in: transaction)
            try transaction.noteUse(of: desk.screening.caseID, at: now)
            // After the signature there is nothing left to hide.
            let isHidden = isBlind && desk.signed == nil
            try transaction.append(
                AuditEntry(
                    .screeningRead(isHidden ? .blindReading : .reading), by: .user(user.id), object: id.text, at: now))
            return (desk, try Self.workList(of: user, filter: filter, isBlind: isBlind, in: transaction))
        }
    }

    /// How often the network and readers said what of the same image.
    ///
    /// - Parameter reader: Of this reader alone; nil for those of everybody.
    public func counts(of reader: UserID?, by actor: AuditEntry.Actor) async throws -> [ReadingCount] {
        let entry = AuditEntry(.reading(.statistics), by: actor, object: reader?.text ?? "", at: clock())
        return try await database.write { transaction in
            try transaction.append(entry)
            return try transaction.readingCounts(of: reader)
        }
    }

    private static func workList(
        of user: User, filter: ReadingWorkList.Filter, isBlind: Bool, in transaction: any ReadingRows
    ) throws -> ReadingWorkList {
        guard user.role == .clinician else { return ReadingWorkList([], filter: filter, isBlind: isBlind) }
        let shared = try transaction.sharedScreenings(with: user.id, limit: maximumListed, offset: 0)
        return ReadingWorkList(shared, filter: filter, isBlind: isBlind)
    }

    static func desk(_ id: ScreeningID, of user: User, in transaction: any CaseReadingRows) throws -> Desk {
        let screening = try ScreeningAccess.shared(id, with: user, in: transaction)
        guard screening.state == .done, let image = try transaction.image(screening.imageID),
            let smearCase = try transaction.smearCase(screening.caseID),
            let share = try transaction.shares(of: id).first(where: { $0.userID == user.id })
        else { throw ClinicError(.notFound, "errors.nothingHere") }
        let readings = try transaction.readings(of: id).filter { $0.readerID == user.id }
            .sorted { $0.revision < $1.revision }
        return Desk(
            screening: screening, image: image,
            patientName: try transaction.user(smearCase.ownerID)?.name ?? "",
            isOfDependent: smearCase.dependentID != nil, sharedAt: share.sharedAt, readings: readings,
            signedReadings: try SignedReading.all(of: readings, in: transaction),
            standing: try Sites.standings(of: [screening], in: transaction)[id] ?? .unknown)
    }
}
