import Clinic
import Findings
import Foundation
import Store
import Testing

/// The databases that every promise is held to.
enum TestedDatabase: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, mariadb

    static let key: [UInt8] = Array(repeating: 7, count: 32)

    var testDescription: String { rawValue }

    /// Gives an empty, migrated database of its own.
    func with<Value: Sendable>(
        migrated: Bool = true, _ body: (any MaintainedDatabase) async throws -> Value
    ) async throws -> Value {
        try await withPlace { place in
            let database = try place.open()
            if migrated { try await database.migrate() }
            do {
                let value = try await body(database)
                try await database.close()
                return value
            } catch {
                try await database.close()
                throw error
            }
        }
    }

    /// Gives a place where databases may be opened more than once.
    func withPlace<Value: Sendable>(_ body: (DatabasePlace) async throws -> Value) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        guard self == .mariadb else {
            return try await body(DatabasePlace(directory: directory, url: nil))
        }
        let server = try await MariaDBServer.shared.value
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        let administration = try MariaDBDatabase(url: server.url("mysql"), auditKey: Self.key, poolSize: 1)
        let create = "CREATE DATABASE \(name) CHARACTER SET utf8mb4"
        // Not as a migration: the lock of those is one for all tests.
        _ = try await administration.writing { try $0.run(create, []) }
        let value: Value
        do {
            value = try await body(DatabasePlace(directory: directory, url: server.url(name)))
        } catch {
            try await administration.close()
            throw error
        }
        let drop = "DROP DATABASE \(name)"
        _ = try await administration.writing { try $0.run(drop, []) }
        try await administration.close()
        return value
    }
}

/// Where a test keeps its data.
struct DatabasePlace: Sendable {
    let directory: URL
    let url: String?

    func open(key: [UInt8] = TestedDatabase.key) throws -> any MaintainedDatabase {
        try DatabaseLocation.open(url, dataDirectory: directory, auditKey: key)
    }
}

/// Whole seconds after a fixed moment.
func moment(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_750_000_000 + seconds) }

extension User {
    static func sample(_ email: String = "a@example.org", name: String = "Asha Rao", role: Role = .patient) -> User {
        User(email: email, name: name, role: role, passwordHash: "$argon2id$x", createdAt: moment(0))
    }
}

extension SmearCase {
    static func sample(of owner: UserID, title: String = "Sample", note: String = "", at: Date = moment(1)) -> SmearCase
    {
        SmearCase(ownerID: owner, title: title, note: note, createdAt: at, updatedAt: at)
    }
}

extension CaseImage {
    static func sample(in smearCase: CaseID, key: String = UUID().uuidString, at: Date = moment(2)) -> CaseImage {
        let id = ImageID()
        return CaseImage(
            id: id, caseID: smearCase, number: 0, uploadKey: key, width: 224, height: 200, byteCount: 1000,
            sha256: String(repeating: "a", count: 64), archiveKey: "images/\(id).png", createdAt: at)
    }
}

extension ScreeningRecord {
    static func sample(for image: CaseImage) -> ScreeningRecord {
        ScreeningRecord(imageID: image.id, caseID: image.caseID, createdAt: image.createdAt)
    }
}

extension ClinicTransaction {
    /// Stores an image with its queued screening.
    @discardableResult
    func add(_ image: CaseImage) throws -> (CaseImage, ScreeningRecord) {
        try insert(image, screening: .sample(for: image))
    }

    /// Stores a case with one screening that is done.
    func addScreened(_ smearCase: SmearCase, _ outcome: ScreeningOutcome, at: Date) throws {
        try insert(smearCase)
        try add(.sample(in: smearCase.id, at: at))
        guard let claimed = try claimScreening(worker: "w", now: at, leaseUntil: at + 60) else { return }
        _ = try complete(claimed.id, worker: "w", outcome: outcome, analyticsJSON: "[]", at: at)
    }
}

/// Runs many tasks at once and gives what each of them found.
func racing<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value) async throws
    -> [Value]
{
    try await withThrowingTaskGroup(of: Value.self) { group in
        for index in 0..<count { group.addTask { try await body(index) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
