import Findings
import Foundation

/// A whole case that is shared with a clinician. Its images are shared as single ones are; this row says what more is told,
/// and whether images that come later are shared too.
public struct SharedCase: Sendable, Equatable {
    /// What the patient may tell of a case.
    public enum Detail: String, Sendable, CaseIterable {
        /// Title and note.
        case sample
        /// How a person in care is called.
        case name
        /// Age and sex.
        case person
        case identifiers
        case counts

        /// Those of whoever the case is of, which end when it becomes another's.
        static let ofPerson: Set<Detail> = [.name, .person]
    }

    public let caseID: CaseID
    /// The clinician.
    public let userID: UserID
    public let sharedAt: Date
    /// Whether images that come later are shared too.
    public let includesNew: Bool
    public let told: Set<Detail>
    /// As in `ScreeningShare`, for the images that come later.
    public let allowsTraining: Bool

    public init(
        caseID: CaseID, userID: UserID, sharedAt: Date, includesNew: Bool, told: Set<Detail>,
        allowsTraining: Bool = false
    ) {
        (self.caseID, self.userID, self.sharedAt) = (caseID, userID, sharedAt)
        (self.includesNew, self.told, self.allowsTraining) = (includesNew, told, allowsTraining)
    }
}

/// Whole cases that clinicians see.
public protocol SharedCaseRows {
    /// Stores a share in place of the one that was there.
    func share(_ shared: SharedCase, of patient: UserID) throws
    func sharedCase(_ smearCase: CaseID, with user: UserID) throws -> SharedCase?
    func sharedCases(of smearCase: CaseID) throws -> [SharedCase]
    /// Of a patient, newest first.
    func sharedCases(by patient: UserID, limit: Int) throws -> [SharedCase]
    /// - Returns: Whether it was shared whole.
    func unshareCase(_ smearCase: CaseID, with user: UserID) throws -> Bool
    /// - Returns: The images of the case that were shared.
    func unshareImages(of smearCase: CaseID, with user: UserID) throws -> [ScreeningID]
}

/// What a clinician is told of a case beside its images.
public struct ToldOfCase: Sendable, Equatable {
    public let title: String
    public let note: String
    /// How the person in care is called; nil for the owner's own case, and where that is not told.
    public let name: String?
    /// With nothing but what is told.
    public let facts: Person.Facts

    /// - Returns: Nil where the case is not shared whole.
    init?(of smearCase: SmearCase, to user: UserID, in transaction: any SharedCaseRows & PersonRows) throws {
        guard let told = try transaction.sharedCase(smearCase.id, with: user)?.told else { return nil }
        title = told.contains(.sample) ? smearCase.title : ""
        note = told.contains(.sample) ? smearCase.note : ""
        let subject = try CaseSubject(of: smearCase, in: transaction)
        name = told.contains(.name) ? subject.dependent?.facts.name : nil
        let known = subject.person?.facts ?? Person.Facts()
        let isPersonTold = told.contains(.person)
        facts = Person.Facts(
            identifiers: told.contains(.identifiers) ? known.identifiers : [],
            sample: told.contains(.identifiers) ? known.sample : nil,
            birthYear: isPersonTold ? known.birthYear : nil, ageYears: isPersonTold ? known.ageYears : nil,
            sex: isPersonTold ? known.sex : nil, counts: told.contains(.counts) ? known.counts : BloodCounts())
    }
}

extension Sharing {
    /// Lets a doctor see a whole case: what is screened of it now, and, if wished, what comes later. Shared again, it is as
    /// the last call says.
    ///
    /// - Throws: As `share`; `ClinicError.notFound` for the case of somebody else.
    public func shareCase(
        _ id: CaseID, with doctor: DoctorID, includesNew: Bool, telling told: Set<SharedCase.Detail>,
        allowsTraining: Bool = false, by user: UserID
    ) async throws {
        let now = clock()
        try await database.write { transaction in
            let reader = try Self.reader(of: doctor, for: user, in: transaction)
            guard try transaction.smearCase(id)?.ownerID == user else { throw CaseAccess.missing }
            let done = try transaction.screenings(of: id).filter { $0.state == .done }
            guard includesNew || !done.isEmpty else {
                throw ClinicError(.invalid, "errors.sharing.notFinished", field: "screening")
            }
            try transaction.share(
                SharedCase(
                    caseID: id, userID: reader, sharedAt: now, includesNew: includesNew, told: told,
                    allowsTraining: allowsTraining), of: user)
            try transaction.append(
                AuditEntry(
                    .smearCase(.share), by: .user(user), object: id.text,
                    detail: Self.detail(with: reader, includesNew: includesNew, telling: told), at: now))
            for screening in done {
                try Self.share(
                    screening.id, with: reader, allowsTraining: allowsTraining, by: .user(user), at: now,
                    in: transaction)
            }
        }
    }

    /// What the audit log keeps of a case that is shared whole.
    static func detail(with reader: UserID, includesNew: Bool, telling told: Set<SharedCase.Detail>) -> String {
        "with=\(reader) new=\(includesNew) told=\(told.map(\.rawValue).sorted().joined(separator: "+"))"
    }

    /// Takes a case back from a clinician, with all its images.
    ///
    /// - Throws: `ClinicError.notFound` for the case of somebody else.
    public func withdrawCase(_ id: CaseID, from reader: UserID, by user: UserID) async throws {
        let now = clock()
        try await database.write { transaction in
            guard try transaction.smearCase(id)?.ownerID == user else { throw CaseAccess.missing }
            let wasWhole = try transaction.unshareCase(id, with: reader)
            let images = try transaction.unshareImages(of: id, with: reader)
            guard wasWhole || !images.isEmpty else { return }
            try transaction.append(
                AuditEntry(.smearCase(.unshare), by: .user(user), object: id.text, detail: "with=\(reader)", at: now))
            for image in images {
                try transaction.append(Self.withdrawal(of: image, from: reader, by: .user(user), at: now))
            }
            try Self.tell(reader, ofEnded: [id], about: user, now: now, in: transaction)
        }
    }

    /// Shares an image that was just screened with those who see its case whole. To be called in the write that stores its
    /// answer.
    public static func extend(
        to screening: ScreeningID, of smearCase: CaseID, now: Date, in transaction: any ReadingRows & AuditRows
    ) throws {
        for shared in try transaction.sharedCases(of: smearCase) where shared.includesNew {
            try share(
                screening, with: shared.userID, allowsTraining: shared.allowsTraining, by: .system, at: now,
                in: transaction)
        }
    }

    static func share(
        _ screening: ScreeningID, with reader: UserID, allowsTraining: Bool, by actor: AuditEntry.Actor, at now: Date,
        in transaction: any ReadingRows & AuditRows
    ) throws {
        try transaction.share(screening, with: reader, allowsTraining: allowsTraining, at: now)
        try transaction.append(
            AuditEntry(
                .screening(.share), by: actor, object: screening.text,
                detail: "with=\(reader) training=\(allowsTraining)", at: now))
    }

    /// Tells somebody that what was shared of cases no longer is.
    static func tell(
        _ user: UserID, ofEnded cases: [CaseID], about other: UserID, now: Date, in transaction: any NoticeRows
    ) throws {
        for id in cases {
            try transaction.post(Notice(to: user, .shareEnded, caseID: id, aboutID: other, createdAt: now))
        }
    }

    /// How much is taken back when an appointment is cancelled: the images that the two share, unless they have another
    /// appointment.
    public static func endingShares(
        of appointment: Appointment, in transaction: any AppointmentRows & DoctorRows & ReadingRows
    ) throws -> Int {
        let (patient, doctor) = (appointment.patientID, appointment.doctorID)
        guard appointment.state != .cancelled, let reader = try transaction.doctor(doctor)?.userID,
            try transaction.appointments(of: patient, limit: 200).filter({
                $0.doctorID == doctor && $0.state != .cancelled
            }).count == 1
        else { return 0 }
        return try transaction.countShares(of: patient, with: reader)
    }
}
