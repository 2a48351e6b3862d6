import Foundation

/// What a patient shares with one clinician.
public struct SharedWithReader: Sendable {
    public let readerID: UserID
    /// The clinician's entry in the directory; nil when it was taken out.
    public let doctor: Doctor?
    public let readerName: String
    /// The newest share first; of those shared together the newest image first.
    public let items: [Item]
    /// Cases that are shared whole, the newest share first.
    public let cases: [Whole]

    /// A case that is shared whole.
    public struct Whole: Sendable {
        public let share: SharedCase
        public let title: String
    }

    /// One screening, with when it was shared.
    public struct Item: Sendable {
        public let share: ScreeningShare
        public let screening: ScreeningRecord
        public let image: CaseImage
    }
}

/// Screenings that a patient may choose from.
public struct SharingChoice: Sendable {
    public let doctor: Doctor
    /// The doctor's account.
    public let readerID: UserID
    /// Newest first.
    public let items: [Item]
    /// The cases that the screenings are from, newest first, with how each is shared whole.
    public let cases: [Whole]

    /// A case that may be shared whole.
    public struct Whole: Sendable {
        public let smearCase: SmearCase
        /// nil while it is not shared whole with this doctor.
        public let share: SharedCase?
    }

    /// One finished screening.
    public struct Item: Sendable {
        public let screening: ScreeningRecord
        public let image: CaseImage
        public let caseTitle: String
        /// nil while it is not shared with this doctor.
        public let share: ScreeningShare?
    }
}

extension Sharing {
    /// Shares that one page lists.
    public static let maximumListed = 1000
    /// Cases whose screenings are offered, the newest ones.
    public static let maximumCases = 40

    /// What a patient shares with whom, clinician by clinician, the newest share first; and the doctors whom something
    /// may be shared with.
    public func overview(of user: UserID, by actor: AuditEntry.Actor) async throws -> (
        shared: [SharedWithReader], doctors: [Doctor]
    ) {
        let entry = AuditEntry(.screening(.list), by: actor, object: user.text, detail: "sharing", at: clock())
        return try await database.write { transaction in
            try transaction.append(entry)
            let shares = try transaction.shares(by: user, limit: Self.maximumListed)
            let cases = try transaction.sharedCases(by: user, limit: Self.maximumListed)
            var order: [UserID] = []
            for reader in shares.map(\.userID) + cases.map(\.userID) where !order.contains(reader) {
                order.append(reader)
            }
            let shared = try order.map { reader in
                try Self.shared(
                    shares.filter { $0.userID == reader }, cases.filter { $0.userID == reader }, with: reader,
                    in: transaction)
            }
            return (shared, try Self.doctors(of: user, in: transaction))
        }
    }

    /// What may be shared with a doctor: the finished screenings of the newest cases, or of one case.
    ///
    /// - Throws: `ClinicError` as `share`.
    public func choice(
        of user: UserID, for doctorID: DoctorID, in smearCase: CaseID? = nil, by actor: AuditEntry.Actor
    ) async throws -> SharingChoice {
        let entry = AuditEntry(.screening(.list), by: actor, object: user.text, detail: "sharing", at: clock())
        return try await database.write { transaction in
            let reader = try Self.reader(of: doctorID, for: user, in: transaction)
            guard let doctor = try transaction.doctor(doctorID) else {
                throw ClinicError(.notFound, "errors.doctors.notListed")
            }
            try transaction.append(entry)
            let cases = try transaction.cases(
                of: user, matching: CaseFilter(), after: nil, limit: Self.maximumCases
            ).map(\.smearCase).filter { smearCase == nil || $0.id == smearCase }
            let items = try cases.flatMap { try Self.items(of: $0, for: reader, in: transaction) }
            let whole = try cases.map {
                SharingChoice.Whole(smearCase: $0, share: try transaction.sharedCase($0.id, with: reader))
            }
            return SharingChoice(doctor: doctor, readerID: reader, items: items, cases: whole)
        }
    }

    private static func items(
        of smearCase: SmearCase, for reader: UserID, in transaction: any CaseRows & ScreeningRows & ReadingRows
    ) throws -> [SharingChoice.Item] {
        let shares = try transaction.shares(ofCase: smearCase.id).filter { $0.userID == reader }
        let images = Dictionary(
            try transaction.images(of: smearCase.id).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return try transaction.screenings(of: smearCase.id).filter { $0.state == .done }.compactMap { screening in
            images[screening.imageID].map { image in
                SharingChoice.Item(
                    screening: screening, image: image, caseTitle: smearCase.title,
                    share: shares.first { $0.screeningID == screening.id })
            }
        }
    }

    private static func shared(
        _ shares: [ScreeningShare], _ cases: [SharedCase], with reader: UserID,
        in transaction: any CaseRows & ScreeningRows & DoctorRows & UserRows
    ) throws -> SharedWithReader {
        let doctor = try transaction.doctor(of: reader)
        let items = try shares.compactMap { share -> SharedWithReader.Item? in
            guard let screening = try transaction.screening(share.screeningID),
                let image = try transaction.image(screening.imageID)
            else { return nil }
            return SharedWithReader.Item(share: share, screening: screening, image: image)
        }.sorted {
            ($0.share.sharedAt, $0.image.createdAt, $0.image.number)
                > ($1.share.sharedAt, $1.image.createdAt, $1.image.number)
        }
        let name = try doctor?.name ?? transaction.user(reader)?.name ?? ""
        let whole = try cases.compactMap { share in
            try transaction.smearCase(share.caseID).map { SharedWithReader.Whole(share: share, title: $0.title) }
        }
        return SharedWithReader(
            readerID: reader, doctor: doctor, readerName: name, items: items, cases: whole)
    }

    /// Doctors with an appointment that is not cancelled, the latest appointment first.
    private static func doctors(of user: UserID, in transaction: any AppointmentRows & DoctorRows) throws -> [Doctor] {
        var ids: [DoctorID] = []
        for appointment in try transaction.appointments(of: user, limit: 200)
        where appointment.state != .cancelled && !ids.contains(appointment.doctorID) {
            ids.append(appointment.doctorID)
        }
        return try transaction.doctors(ids).filter { $0.status == .verified && $0.userID != nil }
    }
}
