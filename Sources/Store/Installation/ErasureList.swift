import Clinic
import Foundation
import Offloading

#if canImport(Glibc)
    import Glibc
#endif

/// The identifiers of what was deleted for good, in a file beside the database: what is lost with the database or set back
/// by a restore is still known here.
public struct ErasureList: Sendable {
    /// The name of its file in the data folder.
    public static let fileName = "erased"

    let file: URL
    /// Held by whoever adds: the list itself is replaced as a whole.
    private let turn: URL

    public init(dataDirectory: URL) {
        file = dataDirectory.appending(path: Self.fileName)
        turn = dataDirectory.appending(path: "\(Self.fileName).lock")
    }

    /// Everything in the file; nothing where there is none.
    ///
    /// - Throws: `ClinicError.storage`, `.corrupt`.
    public func read() throws -> Set<Erasure> {
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        let text: String
        do { text = try String(contentsOf: file, encoding: .utf8) } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
        return try Set(
            text.split(separator: "\n").map { line in
                guard let erasure = Self.erasure(line) else {
                    throw ClinicError(
                        .corrupt,
                        fault: "\(file.path) holds a line that is none of its own: “\(line.prefix(80))”. Take it out.")
                }
                return erasure
            })
    }

    /// Adds what is not there yet; whole or not at all, and outliving a crash of the machine. Others that add, of this process or
    /// another, are waited for: what they write would be lost otherwise.
    ///
    /// - Throws: As `read`.
    func add(_ erasures: some Sequence<Erasure>) throws {
        guard try !Self.withoutTwins(erasures, read()).isEmpty else { return }
        let lock = open(turn.path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw DurableFile.failure("opened", turn) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw DurableFile.failure("locked", turn) }
        }
        let known = try read()
        let all = known.union(Self.withoutTwins(erasures, known))
        guard all.count > known.count else { return }
        let lines = all.sorted { ($0.at, $0.id) < ($1.at, $1.id) }.map {
            "\($0.at.milliseconds) \($0.kind.rawValue) \($0.id)\n"
        }
        try DurableFile.write(Array(lines.joined().utf8), to: file)
    }

    /// Milliseconds since 1970 UTC, kind, identifier.
    private static func erasure(_ line: Substring) -> Erasure? {
        let parts = line.split(separator: " ")
        guard parts.count == 3, let at = Int64(parts[0]).flatMap({ Date(sqlValue: .integer($0)) }),
            let kind = Erasure.Kind(rawValue: String(parts[1]))
        else { return nil }
        return Erasure(kind, String(parts[2]), at: at)
    }

    /// Those of which not even another moment is known.
    private static func withoutTwins(_ erasures: some Sequence<Erasure>, _ known: Set<Erasure>) -> [Erasure] {
        let names = Set(known.map { "\($0.kind) \($0.id)" })
        return erasures.filter { !names.contains("\($0.kind) \($0.id)") }
    }
}

extension MaintainedDatabase {
    @discardableResult
    public func eraseTraces() async throws -> Bool {
        if let erasureList {
            let erasures = try await read { try $0.erasures() }
            try await Offloading.process.wait { try erasureList.add(erasures) }
        }
        return try await emptyLog()
    }
}
