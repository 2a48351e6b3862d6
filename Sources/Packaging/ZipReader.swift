import Formats
import Foundation

/// Reads the files of a ZIP archive in memory (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4): stored and deflated ones.
struct ZipReader {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the bytes begin as an archive with a file in it does.
    static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

    private struct Entry {
        let name: String
        let method: Int
        let crc: UInt32
        let compressedSize: Int
        let size: Int
        let offset: Int
    }

    /// Unpacks every file; directories are passed over.
    ///
    /// - Throws: `PackagingError`.
    func read(into files: inout PackageFiles.Collection) throws {
        for entry in try directory() where !entry.name.hasSuffix("/") {
            guard entry.size <= files.allowance else { throw PackageFiles.tooLarge }
            let content = try unpacked(entry)
            guard content.crc32 == entry.crc else {
                throw PackageFiles.unusable("“\(entry.name)” is damaged")
            }
            try files.add(content, at: entry.name)
        }
    }

    private func unpacked(_ entry: Entry) throws -> [UInt8] {
        // The local header says again how long its own name and extra field are; they may differ (4.3.7).
        guard try number(at: entry.offset, bytes: 4) == 0x0403_4B50 else { throw Self.broken }
        let nameLength = try number(at: entry.offset + 26, bytes: 2)
        let extraLength = try number(at: entry.offset + 28, bytes: 2)
        let start = entry.offset + 30 + nameLength + extraLength
        guard start <= bytes.count, entry.compressedSize <= bytes.count - start else { throw Self.broken }
        let packed = bytes[start..<start + entry.compressedSize]
        switch entry.method {
        case 0:
            guard entry.size == entry.compressedSize else { throw Self.broken }
            return Array(packed)
        case 8:
            return try Inflation.inflate(packed, to: entry.size)
        default:
            throw PackageFiles.unusable("“\(entry.name)” is compressed in a way other than deflate")
        }
    }

    /// The central directory, which is what counts (4.3.12).
    private func directory() throws -> [Entry] {
        let end = try endRecord()
        let count = try number(at: end + 10, bytes: 2)
        var place = try number(at: end + 16, bytes: 4)
        guard count < 0xFFFF, place < 0xFFFF_FFFF else { throw PackageFiles.unusable("it is a ZIP64 archive") }
        guard count <= 4 * PackageFiles.maximumCount else { throw PackageFiles.unusable("it holds too many files") }
        var entries: [Entry] = []
        for _ in 0..<count {
            guard try number(at: place, bytes: 4) == 0x0201_4B50 else { throw Self.broken }
            guard try number(at: place + 8, bytes: 2) & 1 == 0 else { throw PackageFiles.unusable("it is encrypted") }
            let nameLength = try number(at: place + 28, bytes: 2)
            let rest = try number(at: place + 30, bytes: 2) + number(at: place + 32, bytes: 2)
            guard place + 46 + nameLength <= bytes.count else { throw Self.broken }
            // The upper half of the external attributes are those of Unix, where links are 0o120000 (4.4.15).
            guard try number(at: place + 40, bytes: 2) & 0o170000 != 0o120000 else {
                throw PackageFiles.unusable("it holds a link")
            }
            entries.append(
                Entry(
                    name: String(decoding: bytes[(place + 46)..<(place + 46 + nameLength)], as: UTF8.self),
                    method: try number(at: place + 10, bytes: 2),
                    crc: UInt32(truncatingIfNeeded: try number(at: place + 16, bytes: 4)),
                    compressedSize: try number(at: place + 20, bytes: 4), size: try number(at: place + 24, bytes: 4),
                    offset: try number(at: place + 42, bytes: 4)))
            place += 46 + nameLength + rest
        }
        return entries
    }

    /// The last record; a comment of up to 65,535 bytes may follow it (4.3.16).
    private func endRecord() throws -> Int {
        var place = bytes.count - 22
        let first = max(0, place - 0xFFFF)
        while place >= first {
            if bytes[place] == 0x50, try number(at: place, bytes: 4) == 0x0605_4B50 { return place }
            place -= 1
        }
        throw Self.broken
    }

    private func number(at place: Int, bytes count: Int) throws -> Int {
        guard place >= 0, place <= bytes.count - count else { throw Self.broken }
        return (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
    }

    private static var broken: PackagingError { PackageFiles.unusable("the .zip is cut off or broken") }
}
