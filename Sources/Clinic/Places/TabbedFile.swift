import Crypto
import Foundation

/// A file of lines whose fields are separated by tabs, UTF-8. The first line has a mark, the version of the format, the
/// number of lines behind it, and what else the kind of file says of itself.
struct TabbedFile: Sendable {
    let url: URL
    /// How many lines follow the first.
    let count: Int
    /// What the first line has behind the count.
    let rest: [String]

    /// - Parameters:
    ///   - url: The file.
    ///   - mark: What the first line begins with.
    ///   - version: The version of the format that the caller reads.
    ///   - things: What the lines are, for the reader of an error.
    /// - Throws: `ClinicError.notFound` where there is no such file, `.corrupt` where it is none of these.
    init(_ url: URL, mark: String, version: Int, things: String) throws {
        self.url = url
        let line = try Self.firstLine(of: url).split(separator: "\t").map(String.init)
        guard line.count >= 3, line[0] == mark, let count = Int(line[2]), count > 0 else {
            throw ClinicError(
                .corrupt, fault: "\(url.path) is no file of \(things): its first line is not “\(mark) …”.")
        }
        guard line[1] == String(version) else {
            throw ClinicError(
                .corrupt, fault: "\(url.path) has version \(line[1]) of the format; this program reads \(version).")
        }
        self.count = count
        rest = Array(line[3...])
    }

    /// The first line of a file, of which 256 bytes are looked at.
    static func firstLine(of url: URL) throws -> String {
        let handle = try open(url)
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        let head = try handle.read(upToCount: 256) ?? Data()
        return String(decoding: head.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// A number from 0 on that differs where the contents do: the first 63 bits of the SHA-256.
    func edition() throws -> Int64 {
        let handle = try Self.open(url)
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        var hash = SHA256()
        while let part = try handle.read(upToCount: 1 << 18), !part.isEmpty { hash.update(data: part) }
        return hash.finalize().prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } & Int64.max
    }

    /// Hands on what the lines say, in order, some thousand at a time.
    ///
    /// - Parameters:
    ///   - batch: Lines at a time.
    ///   - parse: Makes something of a line's fields; nil where they say nothing.
    ///   - take: Given each batch.
    /// - Throws: `ClinicError.corrupt` with the line, also when there are fewer lines than the first one says; what
    ///   `take` throws.
    func read<Thing>(
        batch: Int, parse: ([String]) -> Thing?, _ take: ([Thing]) async throws -> Void
    ) async throws {
        let handle = try Self.open(url)
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        var rest: [UInt8] = []
        var things: [Thing] = []
        var number = 0
        while true {
            let chunk = try handle.read(upToCount: 1 << 18) ?? Data()
            rest += chunk
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: 0x0A) {
                number += 1
                if number > 1 { things.append(try Self.thing(rest[start..<end], number, of: url, parse)) }
                start = end + 1
                if things.count == batch {
                    try await take(things)
                    things = []
                }
            }
            rest = Array(rest[start...])
            if chunk.isEmpty { break }
        }
        guard rest.isEmpty, number == count + 1 else {
            throw ClinicError(
                .corrupt,
                fault: "\(url.path) ends early: it has \(max(0, number - 1)) of \(count) lines. Make it anew.")
        }
        if !things.isEmpty { try await take(things) }
    }

    private static func thing<Thing>(
        _ bytes: ArraySlice<UInt8>, _ number: Int, of url: URL, _ parse: ([String]) -> Thing?
    ) throws -> Thing {
        let fields = bytes.split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard let thing = parse(fields) else {
            throw ClinicError(.corrupt, fault: "Line \(number) of \(url.path) does not say what it should.")
        }
        return thing
    }

    private static func open(_ url: URL) throws -> FileHandle {
        do { return try FileHandle(forReadingFrom: url) } catch {
            throw ClinicError(.notFound, fault: "\(url.path) cannot be read. Scripts/bootstrap.sh run makes it.")
        }
    }
}
