import Clinic
import Crypto
import Formats
import Foundation
import Offloading
import Synchronization

/// Keeps files in one bucket of an S3 store, below one prefix.
///
/// Every object carries the SHA-256 of what was written, and is compared with it whenever it is read.
public final class S3Archive: MaintainedArchive {
    /// Bytes of a file at most: it is held in memory.
    private static let maximumBytes = 512 << 20
    /// How long it is believed that the mark is there, before something is stored.
    private static let freshness = Duration.seconds(1)

    private struct Mark {
        /// What the mark of the installation was when it was seen here last; from then on it has to be there.
        var seen: ArraySlice<UInt8>?
        var provenAt: ContinuousClock.Instant?
    }

    /// Where the bucket is.
    public let location: S3Location
    public var name: String { location.name }
    public var place: String { "\(location.endpoint) \(location.name)" }
    private let client: S3Client
    private let mark = Mutex(Mark())

    /// - Parameters:
    ///   - location: Where the bucket is; nothing is asked yet.
    ///   - access: Who asks.
    public init(_ location: S3Location, _ access: S3Access) {
        self.location = location
        client = S3Client(location, access)
    }

    /// Proves that the store answers, and that its files can be listed.
    ///
    /// - Throws: `ClinicError.storage`.
    func check() async throws { _ = try await page(under: location.object(""), after: nil, count: 1) }

    public func store(_ bytes: [UInt8], at key: String) async throws {
        try StoredName.check(key)
        guard bytes.count <= Self.maximumBytes else {
            throw ClinicError(
                .storage, fault: "\(key) has \(bytes.count) bytes; an S3 archive takes \(Self.maximumBytes) in a file.")
        }
        let isMark = key == ArchiveIdentity.key
        if !isMark { try await verifyPresence(within: Self.freshness) }
        let digest = try await Self.digest(of: bytes)
        try await S3Upload(client: client, object: location.object(key), bytes: bytes, digest: digest).run()
        if isMark { keepMark(bytes) }
    }

    public func bytes(at key: String) async throws -> [UInt8] {
        try StoredName.check(key)
        // Once more where it is not what was written: it may have been changed on its way.
        for _ in 0..<2 {
            guard let (bytes, isWritten) = try await read(key) else {
                if key != ArchiveIdentity.key { try await verifyPresence() }
                throw ClinicError(.notFound, "errors.stored.noFile")
            }
            guard isWritten else { continue }
            if key == ArchiveIdentity.key { keepMark(bytes) }
            return bytes
        }
        throw StoredObject.changed
    }

    public func remove(_ key: String) async throws {
        let isFolder = key.hasSuffix("/")
        try StoredName.check(isFolder ? String(key.dropLast()) : key)
        try await verifyPresence()
        for each in isFolder ? try await names(under: key) : [key] {
            let answer = try await client.send(S3Request(.delete, location.object(each)))
            guard answer.isGood || answer.saysNoSuchKey else { throw client.refusal(answer, "remove \(each)") }
        }
    }

    public func keys(under prefix: String) async throws -> [String] {
        try await verifyPresence()
        return try await names(under: prefix)
    }

    // MARK: Requests

    /// - Returns: The bytes and whether they are what was written, as far as the object says; nil where there is no object.
    private func read(_ key: String) async throws -> ([UInt8], isWritten: Bool)? {
        var request = S3Request(.get, location.object(key))
        request.maximumAnswer = Self.maximumBytes
        let answer = try await client.send(request)
        if answer.saysNoSuchKey { return nil }
        guard answer.status == 200 else { throw client.refusal(answer, "give \(key)") }
        // What another program put there carries none; the database knows its checksum.
        guard let digest = answer.fields[S3Upload.digestField] else { return (answer.body, true) }
        return (answer.body, try await Self.digest(of: answer.body) == digest)
    }

    private static func digest(of bytes: [UInt8]) async throws -> String {
        try await Offloading.process.wait { SHA256.hash(data: bytes).hexadecimal }
    }

    private func names(under prefix: String) async throws -> [String] {
        let trimmed = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        if !trimmed.isEmpty { try StoredName.check(trimmed) }
        let start = location.object(trimmed.isEmpty ? "" : "\(trimmed)/")
        var found: [String] = []
        var next: String?
        repeat {
            let listing = try await page(under: start, after: next, count: 1000)
            guard next == nil || listing.next != next else { throw S3Document.unreadable }
            for name in listing.names {
                let key = name.dropFirst(location.object("").utf8.count)
                // What other programs make, such as the empty object that stands for a folder, is none of ours.
                if name.hasPrefix(start), StoredName.isAllowed(key) { found.append(String(key)) }
            }
            next = listing.next
        } while next != nil
        return found.sorted()
    }

    private func page(under prefix: String, after token: String?, count: Int) async throws -> S3Listing {
        var request = S3Request(.get, nil)
        request.query = ["list-type": "2", "max-keys": "\(count)"]
        if !prefix.isEmpty { request.query["prefix"] = prefix }
        if let token { request.query["continuation-token"] = token }
        let answer = try await client.send(request)
        guard answer.status == 200 else { throw client.refusal(answer, "list its files") }
        return try S3Listing(answer.body)
    }

    // MARK: The mark

    private func keepMark(_ bytes: [UInt8]) {
        mark.withLock { $0 = Mark(seen: Self.line(bytes), provenAt: .now) }
    }

    /// The mark itself, without the name of its database.
    private static func line(_ bytes: [UInt8]) -> ArraySlice<UInt8> { bytes.prefix { $0 != UInt8(ascii: "\n") } }

    /// An archive that was there and has no mark any more is another store behind the same address, or an emptied one: nothing in
    /// it is missing, and what were stored now would lie beside it.
    private func verifyPresence(within freshness: Duration = .zero) async throws {
        let (known, provenAt) = mark.withLock { ($0.seen, $0.provenAt) }
        guard let known, provenAt.map({ .now - $0 > freshness }) ?? true else { return }
        guard let (bytes, _) = try await read(ArchiveIdentity.key) else {
            throw ClinicError(
                .storage,
                fault: """
                    The archive \(name) is not there: its file \(ArchiveIdentity.key) is missing. Is it the right store that \
                    answers at \(location.endpoint)?
                    """)
        }
        guard Self.line(bytes) == known else {
            throw ClinicError(
                .storage,
                fault: "The archive \(name) is another installation's now: its mark was replaced. Stop and look.")
        }
        mark.withLock { $0.provenAt = .now }
    }
}
