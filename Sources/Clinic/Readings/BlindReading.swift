/// A reader who hid the network's answers is told none of a case until they have signed, in whatever way they ask: by a page, by a
/// file, or by a program that has their token.
///
/// That they hid them stands in the audit log, as every look does, so that it holds for all their browsers and programs.
enum BlindReading {
    /// Entries of the audit log that are examined of one kind.
    private static let maximumLooks = 50

    /// Refuses whoever hides the answers and has not signed this one.
    ///
    /// - Parameter reader: A clinician with whom the screening is shared, and whose case it is not.
    /// - Throws: `ClinicError.hidden`.
    static func requireShown(
        _ screening: ScreeningRecord, to reader: UserID, in transaction: any ReadingRows & AuditRows
    ) throws {
        guard screening.state == .done, try !hasSigned(screening.id, reader, in: transaction),
            try isOn(for: reader, at: [.image(screening.id), .smearCase(screening.caseID)], in: transaction)
        else { return }
        throw hidden
    }

    static var hidden: ClinicError { ClinicError(.hidden, "errors.readings.hidden") }

    static func hasSigned(
        _ id: ScreeningID, _ reader: UserID, in transaction: any ReadingRows
    ) throws -> Bool {
        try transaction.readings(of: id).contains { $0.readerID == reader && $0.signedAt != nil }
    }

    /// What somebody opens to read it.
    enum Place {
        case image(ScreeningID), smearCase(CaseID)

        fileprivate var opening: (action: AuditAction, object: String) {
            switch self {
            case .image(let id): (.screeningRead(.blindReading), id.text)
            case .smearCase(let id): (.caseRead(.blindReading), id.text)
            }
        }
    }

    /// Whether a reader hides the answers: by what they chose or how they were last shown their list, and where they opened one of some
    /// places since with the answers hidden.
    static func isOn(
        for reader: UserID, at places: [Place] = [], in transaction: any AuditRows
    ) throws -> Bool {
        func looks(_ action: String, _ object: String) throws -> [AuditRecord] {
            try transaction.auditRecords(
                matching: AuditFilter(userID: reader, action: action, object: object), before: nil,
                limit: maximumLooks)
        }
        let own = try looks("reading.", reader.text)
        let last = own.first { $0.entry.action.hidesAnswers != nil }
        // Of more than are examined nobody can say that the answers are not hidden.
        guard last != nil || own.count < maximumLooks else { return true }
        if last?.entry.action.hidesAnswers == true { return true }
        return try places.contains { place in
            let (action, object) = place.opening
            return try looks(action.name, object).contains {
                $0.entry.action == action && $0.sequence > last?.sequence ?? 0
            }
        }
    }
}

extension SecondReading {
    /// Hides the network's answers from a reader until they have signed, or shows them; written down.
    public func hideAnswers(_ hides: Bool, from reader: Principal) async throws {
        let entry = AuditEntry(
            .reading(hides ? .hide : .show), by: reader.actor, object: reader.userID.text, at: clock())
        try await database.write { try $0.append(entry) }
    }

    /// Whether a reader hides the network's answers, in whatever browser they said so.
    public func hidesAnswers(from reader: User) async throws -> Bool {
        guard reader.role == .clinician else { return false }
        return try await database.read { try BlindReading.isOn(for: reader.id, in: $0) }
    }
}
