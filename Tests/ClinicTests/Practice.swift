import Clinic
import Foundation
import Store
import Synchronization
import Testing

/// A doctor with opening hours, patients, and a clock that the test sets.
final class Practice: Sendable {
    /// Tuesday 24 November 2026, 08:00 UTC.
    static let morning = Date(timeIntervalSince1970: 1_795_507_200)

    let database: SQLiteDatabase
    let doctor: Doctor
    let doctorUser: UserID
    let anna: UserID
    let ben: UserID
    let administrator: UserID
    private let time = Mutex(Practice.morning)

    var now: Date {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    var booking: Booking { Booking(database: database, clock: { self.now }) }
    var reviews: Reviews { Reviews(database: database, clock: { self.now }) }

    private init(database: SQLiteDatabase, doctor: Doctor, people: [User]) {
        self.database = database
        self.doctor = doctor
        (doctorUser, anna, ben, administrator) = (people[0].id, people[1].id, people[2].id, people[3].id)
    }

    /// Open every day from 9 to 12 UTC, visits of half an hour, a lead of an hour.
    static func run(_ test: (Practice) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-practice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(
            file: folder.appending(path: "test.sqlite"), auditKey: [UInt8](repeating: 3, count: 32))
        try await database.migrate()
        let people = [("doctor", Role.clinician), ("anna", .patient), ("ben", .patient), ("admin", .administrator)].map
        {
            User(
                email: "\($0.0)@example.org", name: $0.0, role: $0.1, passwordHash: "$argon2id$x",
                createdAt: Self.morning)
        }
        let doctor = Self.entry(of: people[0].id)
        try await database.write { transaction in
            for user in people { try transaction.insert(user) }
            try transaction.insert(doctor)
            try Booking.refreshNextFree(of: doctor.id, now: Self.morning, in: transaction)
        }
        try await test(Practice(database: database, doctor: doctor, people: people))
        try await database.close()
    }

    /// An entry in the directory with the practice's hours.
    static func entry(of user: UserID?, number: String = "1", status: Doctor.Status = .verified) -> Doctor {
        Doctor(
            userID: user, name: "Dr. Meera Iyer", qualifications: "MD", registrationNumber: number,
            council: "Test Council", specialties: [.haematology], languages: ["en"], practiceSince: 2010,
            clinic: ClinicAddress(
                name: "Clinic", street: "1 Street", city: "Town", countryCode: "IN",
                position: GeoPosition(latitude: 13, longitude: 80), timeZone: "UTC"),
            openingHours: OpeningHours(
                weekly: (1...7).map { .init(weekday: $0, start: 540, end: 720) }, slotMinutes: 30, leadMinutes: 60),
            status: status, createdAt: morning, updatedAt: morning)
    }

    /// Hours after 24 November 2026, 00:00 UTC.
    static func at(_ hours: Double) -> Date { morning.addingTimeInterval((hours - 8) * 3600) }

    /// A visit that took place.
    func completedVisit(of patient: UserID? = nil, at slot: Date = Practice.at(9)) async throws -> Appointment {
        let asked = try await booking.request(slot, with: doctor.id, by: patient ?? anna, note: "")
        _ = try await booking.confirm(asked.id, by: doctorUser)
        now = max(now, slot)
        return try await booking.complete(asked.id, by: doctorUser)
    }

    func nextFree() async throws -> Date? { try await database.read { try $0.doctor(self.doctor.id)?.nextFreeAt } }

    func rating() async throws -> RatingSum? { try await database.read { try $0.doctor(self.doctor.id)?.rating } }

    func actions() async throws -> [String] {
        try await database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
    }

    /// A patient more.
    func patient(_ name: String) async throws -> UserID {
        let user = User(
            email: "\(name)@example.org", name: name, role: .patient, passwordHash: "$argon2id$x", createdAt: now)
        try await database.write { try $0.insert(user) }
        return user.id
    }
}

/// Whether an error is of this kind.
func isError(_ code: ClinicError.Code, _ field: String? = nil) -> @Sendable (any Error) -> Bool {
    { error in
        guard let error = error as? ClinicError else { return false }
        return error.code == code && (field == nil || error.field == field)
    }
}
