import Clinic
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// How long the audit log was at a moment, and its last hash, kept outside the database: who sets the database back, log and
/// head and all, cannot set this back.
public struct AuditAnchor: Sendable, Equatable {
    /// The number of entries.
    public let sequence: Int64
    /// The hash of the last of them; empty without any.
    public let hash: String
    public let at: Date
    /// Made with the server's key: nobody else can write an anchor.
    let seal: String

    init(sequence: Int64, hash: String, at: Date, by chain: AuditChain) {
        let at = Date(timeIntervalSince1970: at.timeIntervalSince1970.rounded(.down))
        (self.sequence, self.hash, self.at) = (sequence, hash, at)
        seal = chain.anchorSeal(sequence: sequence, hash: hash, at: at)
    }

    /// Number, hash or `-`, moment, seal.
    private init?(_ line: Substring) {
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count == 4, let sequence = Int64(parts[0]), sequence >= 0,
            let at = try? Date(parts[2], strategy: .iso8601)
        else { return nil }
        (self.sequence, hash, self.at, seal) = (sequence, parts[1] == "-" ? "" : parts[1], at, parts[3])
    }

    private var line: String { "\(sequence) \(hash.isEmpty ? "-" : hash) \(at.formatted(.iso8601)) \(seal)\n" }

    /// The anchors of a file, a line each, the oldest first.
    ///
    /// - Parameter chain: That of the log.
    /// - Throws: `ClinicError.storage`, `.corrupt` for a line that was not written with the key of the log.
    static func read(_ file: URL, by chain: AuditChain) throws -> [AuditAnchor] {
        let text: String
        do { text = try String(contentsOf: file, encoding: .utf8) } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
        return try text.split(separator: "\n").enumerated().map { number, line in
            guard let anchor = AuditAnchor(line),
                anchor.seal == chain.anchorSeal(sequence: anchor.sequence, hash: anchor.hash, at: anchor.at)
            else {
                throw ClinicError(
                    .corrupt,
                    fault: "Line \(number + 1) of \(file.path) is no anchor of this audit log, or was altered.")
            }
            return anchor
        }
    }

    /// Adds it at the end of a file, so that one to which can only be added will do.
    ///
    /// - Throws: `ClinicError.storage`.
    func append(to file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DurableFile.failure("written", file) }
        defer { close(descriptor) }
        let bytes = Array(line.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw DurableFile.failure("written", file)
        }
    }
}

extension MaintainedDatabase {
    /// Adds an anchor of the log as it is to a file, where it has grown since the last one.
    ///
    /// - Returns: The last anchor of the file.
    /// - Throws: `ClinicError.corrupt` when the head of the log was altered, or the log no longer holds the last anchor.
    @discardableResult
    public func anchorAudit(in file: URL, at date: Date = Date()) async throws -> AuditAnchor {
        let chain = AuditChain(key: auditKey)
        let isThere = FileManager.default.fileExists(atPath: file.path)
        let last = isThere ? try AuditAnchor.read(file, by: chain).last : nil
        let anchor = try await reading { connection in
            guard let head = try connection.first("SELECT sequence, hash, seal FROM audit_head WHERE id = 1"),
                case let (sequence, hash, seal):(Int64, String, String) = try (
                    head["sequence"], head["hash"], head["seal"]
                ), seal == chain.seal(sequence: sequence, hash: hash)
            else {
                throw ClinicError(
                    .corrupt, fault: "The head of the audit log was altered; run `leukoscope audit verify`.")
            }
            if let last, last.sequence > 0 {
                let base = try AuditBase.isThere(on: connection) ? AuditBase.read(on: connection, by: chain) : nil
                let found: String? = try connection.value(
                    "SELECT hash FROM audit_log WHERE sequence = ?", last.sequence)
                // Of entries that were removed because of their age, only the last one's hash is left.
                let isKept = found == last.hash || base.map { $0.isSealed && $0.holds(last) } ?? false
                guard isKept, last.sequence <= sequence else {
                    throw ClinicError(
                        .corrupt,
                        fault: """
                            The audit log does not hold entry \(last.sequence) of \(file.path) any more: it was set back \
                            or replaced. After a restore that was meant, begin another file of anchors.
                            """)
                }
            }
            return AuditAnchor(sequence: sequence, hash: hash, at: date, by: chain)
        }
        if let last, last.sequence == anchor.sequence { return last }
        try anchor.append(to: file)
        return anchor
    }
}
