import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Synchronization
import Testing

/// A patient with two screenings of one case, two doctors of the directory, and an appointment with the first of them.
struct ReadingRoom: Sendable {
    let database: SQLiteDatabase
    let patient: User
    let otherPatient: User
    let reader: User
    let otherReader: User
    let administrator: User
    let doctor: Doctor
    let otherDoctor: Doctor
    let appointment: Appointment
    let smearCase: SmearCase
    let screenings: [ScreeningRecord]
    let clock: RoomClock

    var sharing: Sharing { Sharing(database: database, clock: clock.now) }
    var reading: SecondReading { SecondReading(database: database, clock: clock.now) }

    /// Lends a room over a database of its own.
    static func lend(
        outcomes: [(decision: Decision, label: SmearClass)] = [(.report, .preB), (.uncertain, .benign)],
        _ test: (ReadingRoom) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-room-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(
            file: folder.appending(path: "test.sqlite"), auditKey: [UInt8](repeating: 3, count: 32))
        try await database.migrate()
        try await test(try await furnish(database, outcomes))
        try await database.close()
    }

    private static func furnish(
        _ database: SQLiteDatabase, _ outcomes: [(decision: Decision, label: SmearClass)]
    ) async throws -> ReadingRoom {
        let clock = RoomClock()
        let now = clock.now()
        func user(_ name: String, _ role: Role) -> User {
            User(email: "\(name)@example.org", name: name.capitalized, role: role, passwordHash: "x", createdAt: now)
        }
        let people = [
            user("patient", .patient), user("other", .patient), user("reader", .clinician), user("second", .clinician),
            user("admin", .administrator),
        ]
        let doctors = [entry(of: people[2], number: "1", now), entry(of: people[3], number: "2", now)]
        let appointment = Appointment(
            doctorID: doctors[0].id, patientID: people[0].id, startsAt: now.addingTimeInterval(86400),
            endsAt: now.addingTimeInterval(88200), state: .confirmed, createdAt: now, updatedAt: now)
        let smearCase = SmearCase(
            ownerID: people[0].id, title: "Secret title", note: "Secret note", createdAt: now, updatedAt: now)
        try await database.write { transaction in
            for person in people { try transaction.insert(person) }
            for doctor in doctors { try transaction.insert(doctor) }
            try transaction.insert(appointment)
            try transaction.insert(smearCase)
        }
        var screenings: [ScreeningRecord] = []
        for outcome in outcomes {
            screenings.append(try await screen(smearCase.id, outcome.decision, outcome.label, database, now))
        }
        return ReadingRoom(
            database: database, patient: people[0], otherPatient: people[1], reader: people[2],
            otherReader: people[3], administrator: people[4], doctor: doctors[0], otherDoctor: doctors[1],
            appointment: appointment, smearCase: smearCase, screenings: screenings, clock: clock)
    }

    static func entry(of user: User, number: String, _ now: Date) -> Doctor {
        Doctor(
            userID: user.id, name: "Dr \(user.name)", qualifications: "MD", registrationNumber: number, council: "Test",
            specialties: [.haematology], languages: ["en"], practiceSince: 2000,
            clinic: ClinicAddress(
                name: "Clinic", street: "1", city: "Chennai", countryCode: "IN",
                position: GeoPosition(latitude: 13.08, longitude: 80.27), timeZone: "Asia/Kolkata"),
            status: .verified, createdAt: now, updatedAt: now)
    }

    /// A finished screening of a new image in a case.
    static func screen(
        _ smearCase: CaseID, _ decision: Decision, _ label: SmearClass, _ database: SQLiteDatabase, _ now: Date,
        cells: CellFindings? = nil
    ) async throws -> ScreeningRecord {
        let image = CaseImage(
            caseID: smearCase, number: 0, uploadKey: UUID().uuidString, width: 64, height: 64, byteCount: 1,
            sha256: String(UUID().uuidString.lowercased().filter(\.isHexDigit)) + String(repeating: "0", count: 32),
            archiveKey: "images/\(ImageID()).png", createdAt: now)
        let screening = ScreeningRecord(imageID: image.id, caseID: smearCase, createdAt: now)
        let outcome = ScreeningOutcome.sample(
            decision, label, confidence: 0.9, model: .init(name: "tiny", version: "1.0"), cells: cells)
        return try await database.write { transaction in
            _ = try transaction.insert(image, screening: screening)
            _ = try transaction.claimScreening(worker: "w", now: now, leaseUntil: now.addingTimeInterval(60))
            #expect(try transaction.complete(screening.id, worker: "w", outcome: outcome, analyticsJSON: "{}", at: now))
            return try #require(try transaction.screening(screening.id))
        }
    }

    /// Shares the first screening with the first doctor.
    func share(_ index: Int = 0, allowsTraining: Bool = false) async throws {
        try await sharing.share(
            [screenings[index].id], with: doctor.id, allowsTraining: allowsTraining, by: patient.id)
    }

    /// Gives the second doctor an appointment and shares a screening with them.
    func shareWithSecond(_ index: Int = 0, allowsTraining: Bool = false) async throws {
        let now = clock.now()
        let visit = Appointment(
            doctorID: otherDoctor.id, patientID: patient.id, startsAt: now, endsAt: now.addingTimeInterval(1800),
            createdAt: now, updatedAt: now)
        if try await database.read({ try !$0.hasAppointment(of: patient.id, with: otherDoctor.id) }) {
            try await database.write { try $0.insert(visit) }
        }
        try await sharing.share(
            [screenings[index].id], with: otherDoctor.id, allowsTraining: allowsTraining, by: patient.id)
    }

    /// Signs a reading of the first screening.
    func sign(
        _ smearClass: SmearClass, _ index: Int = 0, by user: User? = nil, revision: Int = 1, isBlind: Bool = false,
        comment: String = ""
    ) async throws -> Reading {
        try await sign(
            label: .smearClass(smearClass), index, by: user, revision: revision, isBlind: isBlind, comment: comment)
    }

    /// Signs anything that a form may send; nil stands for what is no label.
    func sign(
        label: ReaderLabel?, _ index: Int = 0, by user: User? = nil, revision: Int = 1, isBlind: Bool = false,
        comment: String = ""
    ) async throws -> Reading {
        try await reading.sign(
            screenings[index].id, .init(label: label, comment: comment, revision: revision, isBlind: isBlind),
            by: user ?? reader)
    }

    func sees(_ user: User, _ index: Int = 0) async throws -> Bool {
        try await database.read { transaction in
            do {
                _ = try ScreeningAccess.readable(screenings[index].id, by: user, in: transaction)
                return true
            } catch let error as ClinicError where error.code == .notFound {
                return false
            }
        }
    }

    func actions() async throws -> [String] {
        try await database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
    }
}

/// A clock that a test moves.
final class RoomClock: Sendable {
    private let moment = Mutex(Date(timeIntervalSince1970: 1_790_000_000))

    var now: @Sendable () -> Date { { self.moment.withLock { $0 } } }

    func advance(_ seconds: TimeInterval) { moment.withLock { $0 += seconds } }
}

/// Whether an error is a `ClinicError` of this code.
func isClinicError(_ error: any Error, _ code: ClinicError.Code, field: String? = nil) -> Bool {
    guard let error = error as? ClinicError else { return false }
    return error.code == code && (field == nil || error.field == field)
}

extension Principal {
    /// Somebody who is logged in with a browser.
    static func inBrowser(_ user: User) -> Principal {
        Principal(
            user: user,
            means: .session(
                LoginSession(
                    digest: "", userID: user.id, createdAt: .distantPast, lastSeenAt: .distantPast,
                    expiresAt: .distantFuture)))
    }
}
