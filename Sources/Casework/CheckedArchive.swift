import Clinic
import Foundation
import Logging
import Offloading
import Synchronization

/// An archive whose files are believed only when they are what the database says that was written.
///
/// Whatever gives stored bytes to somebody reads them here. A file of before checksums were kept has to be as long as its row
/// says, and is taken as it is when it is read for the first time: from then on it has to be the same.
public struct CheckedArchive: ImageArchive {
    private let base: any ImageArchive
    private let database: any ClinicDatabase
    private let faults: StoredObjectFaults
    private let logger: Logger

    /// - Parameters:
    ///   - base: Holds the files.
    ///   - database: Holds the checksums.
    ///   - faults: Counts what is wrong.
    ///   - logger: Is told what is wrong.
    public init(
        _ base: any ImageArchive, in database: any ClinicDatabase, faults: StoredObjectFaults = .process,
        logger: Logger = Logger(label: "leukoscope.archive")
    ) {
        (self.base, self.database, self.faults, self.logger) = (base, database, faults, logger)
    }

    /// - Throws: `StoredObject.changed` for a file that is not what was written; `ClinicError.notFound`, `.storage`.
    public func bytes(at key: String) async throws -> [UInt8] {
        guard let expected = try await expected(key) else { throw Self.noFile }
        let bytes: [UInt8]
        do { bytes = try await base.bytes(at: key) } catch let error as ClinicError {
            switch error.code {
            // Deleted meanwhile, unless its row still says otherwise.
            case .notFound: if try await self.expected(key) != nil { tell(.missing, key) }
            case .corrupt: tell(.changed, key)
            default: break
            }
            throw error
        }
        let found = try await Offloading.process.wait { StoredObject(bytes, at: key) }
        guard expected.matches(found) else {
            tell(.changed, key)
            throw StoredObject.changed
        }
        if expected.sha256 == nil { try await trust(found) }
        return bytes
    }

    public func store(_ bytes: [UInt8], at key: String) async throws { try await base.store(bytes, at: key) }
    public func remove(_ key: String) async throws { try await base.remove(key) }
    public func keys(under prefix: String) async throws -> [String] { try await base.keys(under: prefix) }

    private func expected(_ key: String) async throws -> StoredObject? {
        try await database.read { try $0.expectedObject(key) }
    }

    /// Writes down what a file of before is, unless somebody else did so or deleted it.
    private func trust(_ found: StoredObject) async throws {
        let isFirst = try await database.write { transaction in
            guard let expected = try transaction.expectedObject(found.key), expected.sha256 == nil else { return false }
            try transaction.record([found])
            return true
        }
        if isFirst {
            logger.notice("the checksum of a file of before is kept from now on", metadata: ["file": "\(found.key)"])
        }
    }

    private func tell(_ fault: StoredObjectFaults.Kind, _ key: String) {
        faults.count(fault)
        logger.error("a stored file is \(fault.rawValue)", metadata: ["file": "\(key)"])
    }

    private static var noFile: ClinicError { ClinicError(.notFound, "errors.stored.noFile") }
}

/// How often stored files were asked for that are not what was written, for `/metrics`.
public final class StoredObjectFaults: Sendable {
    /// What was wrong.
    public enum Kind: String, Sendable, CaseIterable { case missing, changed }

    /// Those of this process; tests make their own.
    public static let process = StoredObjectFaults()

    private let state = Mutex<[Kind: Int]>([:])

    public init() {}

    func count(_ kind: Kind) { state.withLock { $0[kind, default: 0] += 1 } }

    /// Every kind, those that never were too.
    public var counts: [Kind: Int] {
        let counted = state.withLock { $0 }
        return Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, counted[$0] ?? 0) })
    }
}
