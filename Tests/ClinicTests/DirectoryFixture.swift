import Clinic
import Foundation
import Store
import Testing

/// A directory over an empty SQLite database in a temporary folder, with a clock that stands still.
struct DirectoryFixture: Sendable {
    static let now = Date(timeIntervalSince1970: 1_780_000_000)  // 2026-05-28

    let database: SQLiteDatabase
    var directory: Directory { Directory(database: database, clock: { Self.now }) }

    static func run(_ test: (DirectoryFixture) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-clinic-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(
            file: folder.appending(path: "test.sqlite"), auditKey: [UInt8](repeating: 3, count: 32))
        try await database.migrate()
        let result: Result<Void, any Error>
        do { result = .success(try await test(DirectoryFixture(database: database))) } catch {
            result = .failure(error)
        }
        try await database.close()
        try result.get()
    }

    /// An entry that holds to every rule.
    static func entry(_ number: String = "KMC-1234", _ change: (inout DoctorEntry) -> Void = { _ in }) -> DoctorEntry {
        var entry = DoctorEntry()
        entry.name = "Dr. Anna Rao"
        entry.qualifications = "MD, DM (Clinical Haematology)"
        entry.registrationNumber = number
        entry.council = "Karnataka Medical Council"
        entry.specialties = [.haematology, .haematoOncology]
        entry.languages = ["en", "kn"]
        entry.practiceSince = "2009"
        entry.clinicName = "Lake Clinic"
        entry.street = "12 Lake Road"
        entry.city = "Bengaluru"
        entry.countryCode = "IN"
        entry.position = GeoPosition(latitude: 12.97, longitude: 77.59)
        entry.timeZone = "Asia/Kolkata"
        entry.fee = "800"
        entry.currency = "INR"
        entry.phone = "+91 80 2345 6789"
        entry.email = "anna@example.org"
        entry.website = "https://rao.example.org"
        change(&entry)
        return entry
    }

    func user(_ email: String, _ role: Role = .patient) async throws -> User {
        let user = User(email: email, name: "Somebody", role: role, passwordHash: "none", createdAt: Self.now)
        try await database.write { try $0.insert(user) }
        return user
    }

    /// What the log says was done, oldest first.
    func actions() async throws -> [String] {
        try await database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
    }
}
