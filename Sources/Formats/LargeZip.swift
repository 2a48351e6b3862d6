import CZlib
import Foundation

/// Unpacks a ZIP archive on the disk, file by file, in memory that does not grow with it (APPNOTE.TXT 6.3.10, sections 4.3 to 4.5,
/// ZIP64 among them): stored and deflated files, within limits against archives that grow beyond measure.
public struct LargeZip {
    /// What an archive may hold.
    public struct Limits: Sendable, Equatable {
        public var files: Int
        /// Bytes of all files together.
        public var bytes: Int

        public init(files: Int = 20_000, bytes: Int = 12_000_000_000) { (self.files, self.bytes) = (files, bytes) }
    }

    /// Why an archive is not unpacked.
    public enum Failure: Error, Sendable, Equatable {
        case broken(String)
        case beyondLimits(String)
        case unsupported(String)
    }

    /// A file of the archive.
    public struct Entry: Sendable, Equatable {
        /// As the archive has it.
        public let name: String
        public let byteCount: Int
        fileprivate let method: Int
        fileprivate let checksum: UInt32
        fileprivate let packedCount: Int
        fileprivate let offset: Int
    }

    private static let chunk = 1 << 20

    private let file: FileHandle
    private let length: Int
    private let limits: Limits
    /// Its files; folders are left out.
    public let entries: [Entry]

    /// - Throws: `Failure`, and what reading the file throws.
    public init(_ url: URL, limits: Limits = Limits()) throws {
        file = try FileHandle(forReadingFrom: url)
        length = Int(try file.seekToEnd())
        self.limits = limits
        entries = try Self.directory(of: file, length, limits)
    }

    /// Unpacks one file.
    ///
    /// - Parameter target: Must not be there yet.
    /// - Throws: `Failure`, and what the disk throws.
    public func unpack(_ entry: Entry, to target: URL) throws {
        guard FileManager.default.createFile(atPath: target.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        let output = try FileHandle(forWritingTo: target)
        defer { try? output.close() }
        // The local header says again how long its own name and extra field are; they may differ (4.3.7).
        let header = LittleEndian(try Self.bytes(file, at: entry.offset, 30))
        guard header[0, 4] == 0x0403_4B50 else { throw Failure.broken("“\(entry.name)” has no header") }
        let start = entry.offset + 30 + header[26, 2] + header[28, 2]
        guard start <= length, entry.packedCount <= length - start else {
            throw Failure.broken("“\(entry.name)” is cut off")
        }
        try file.seek(toOffset: UInt64(start))
        var checksum = crc32(0, nil, 0)
        var written = 0
        func put(_ bytes: UnsafeBufferPointer<UInt8>) throws {
            written += bytes.count
            guard written <= entry.byteCount else { throw Failure.broken("“\(entry.name)” is longer than announced") }
            checksum = crc32(checksum, bytes.baseAddress, uInt(bytes.count))
            try output.write(contentsOf: Data(buffer: bytes))
        }
        switch entry.method {
        case 0: try copy(entry.packedCount, put)
        case 8: try inflate(entry.packedCount, put)
        default: throw Failure.unsupported("“\(entry.name)” is compressed in a way other than deflate")
        }
        guard written == entry.byteCount, UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
            throw Failure.broken("“\(entry.name)” is not what the archive says")
        }
        try output.synchronize()
    }

    private func copy(_ count: Int, _ put: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        var left = count
        while left > 0 {
            let piece = try next(min(left, Self.chunk))
            left -= piece.count
            try piece.withUnsafeBufferPointer(put)
        }
    }

    private func inflate(_ count: Int, _ put: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        var stream = z_stream()
        // Negative window bits: no header (zlib.h, inflateInit2).
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure.broken("there is no memory to unpack it")
        }
        defer { inflateEnd(&stream) }
        var output = [UInt8](repeating: 0, count: Self.chunk)
        var left = count
        var status = Z_OK
        while left > 0, status != Z_STREAM_END {
            let piece = try next(min(left, Self.chunk))
            left -= piece.count
            try piece.withUnsafeBufferPointer { source in
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = uInt(source.count)
                repeat {
                    let made = output.withUnsafeMutableBufferPointer { target -> Int in
                        stream.next_out = target.baseAddress
                        stream.avail_out = uInt(target.count)
                        status = CZlib.inflate(&stream, Z_NO_FLUSH)
                        return target.count - Int(stream.avail_out)
                    }
                    guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
                        throw Failure.broken("it is damaged")
                    }
                    try output.withUnsafeBufferPointer { try put(UnsafeBufferPointer(rebasing: $0[..<made])) }
                } while status == Z_OK && stream.avail_out == 0
            }
        }
        guard status == Z_STREAM_END else { throw Failure.broken("it is cut off") }
    }

    private func next(_ count: Int) throws -> [UInt8] {
        guard let data = try file.read(upToCount: count), !data.isEmpty else { throw Failure.broken("it is cut off") }
        return [UInt8](data)
    }

    // MARK: The central directory, which is what counts (4.3.12)

    private static func directory(of file: FileHandle, _ length: Int, _ limits: Limits) throws -> [Entry] {
        let (count, size, start) = try end(of: file, length)
        // A count above `Int.max` is -1.
        guard (0...limits.files).contains(count) else {
            throw Failure.beyondLimits("it holds more than \(limits.files) files")
        }
        guard start >= 0, size >= 0, start <= length, size <= length - start, size <= 64 << 20 else {
            throw Failure.broken("its directory is not where it should be")
        }
        let bytes = LittleEndian(try self.bytes(file, at: start, size))
        var (entries, place, total): ([Entry], Int, Int) = ([], 0, 0)
        for _ in 0..<count {
            guard place + 46 <= bytes.count, bytes[place, 4] == 0x0201_4B50 else {
                throw Failure.broken("its directory is broken")
            }
            guard bytes[place + 8, 2] & 1 == 0 else { throw Failure.unsupported("it is encrypted") }
            let lengths = (name: bytes[place + 28, 2], extra: bytes[place + 30, 2], comment: bytes[place + 32, 2])
            let after = place + 46 + lengths.name + lengths.extra + lengths.comment
            guard after <= bytes.count else { throw Failure.broken("its directory is broken") }
            // The upper half of the external attributes are those of Unix, where links are 0o120000 (4.4.15).
            guard bytes[place + 40, 2] & 0o170000 != 0o120000 else { throw Failure.unsupported("it holds a link") }
            let entry = try self.entry(bytes, at: place, nameLength: lengths.name, extraLength: lengths.extra)
            place = after
            guard !entry.name.hasSuffix("/") else { continue }
            let (sum, isTooMuch) = total.addingReportingOverflow(entry.byteCount)
            guard entry.byteCount >= 0, entry.packedCount >= 0, entry.offset >= 0, !isTooMuch, sum <= limits.bytes
            else {
                throw Failure.beyondLimits("unpacked it has more than \(limits.bytes / 1_000_000) MB")
            }
            total = sum
            entries.append(entry)
        }
        return entries
    }

    private static func entry(
        _ bytes: LittleEndian, at place: Int, nameLength: Int, extraLength: Int
    ) throws -> Entry {
        var (packed, size, offset) = (bytes[place + 20, 4], bytes[place + 24, 4], bytes[place + 42, 4])
        // ZIP64 says in an extra field what the plain ones are too short for, in this order (4.5.3).
        var extra = place + 46 + nameLength
        let end = extra + extraLength
        while extra + 4 <= end {
            let (kind, length) = (bytes[extra, 2], bytes[extra + 2, 2])
            extra += 4
            guard extra + length <= end else { throw Failure.broken("its directory is broken") }
            if kind == 1 {
                var field = extra
                func long(_ value: Int) throws -> Int {
                    guard value == 0xFFFF_FFFF else { return value }
                    guard field + 8 <= extra + length else { throw Failure.broken("its directory is broken") }
                    defer { field += 8 }
                    return bytes[field, 8]
                }
                size = try long(size)
                packed = try long(packed)
                offset = try long(offset)
            }
            extra += length
        }
        return Entry(
            name: String(decoding: bytes.slice(place + 46, nameLength), as: UTF8.self), byteCount: size,
            method: bytes[place + 10, 2], checksum: UInt32(truncatingIfNeeded: bytes[place + 16, 4]),
            packedCount: packed, offset: offset)
    }

    /// Files, bytes and place of the directory.
    private static func end(of file: FileHandle, _ length: Int) throws -> (count: Int, size: Int, start: Int) {
        // A comment of up to 65,535 bytes may follow the last record (4.3.16).
        let tailLength = min(length, 22 + 0xFFFF)
        let tail = LittleEndian(try bytes(file, at: length - tailLength, tailLength))
        guard let place = stride(from: tailLength - 22, through: 0, by: -1).first(where: { tail[$0, 4] == 0x0605_4B50 })
        else { throw Failure.broken("it is no ZIP archive, or cut off") }
        let plain = (count: tail[place + 10, 2], size: tail[place + 12, 4], start: tail[place + 16, 4])
        guard plain.count == 0xFFFF || plain.size == 0xFFFF_FFFF || plain.start == 0xFFFF_FFFF else { return plain }
        // ZIP64: a locator stands before that record, and names a longer one (4.3.14, 4.3.15).
        guard place >= 20, tail[place - 20, 4] == 0x0706_4B50 else { throw Failure.broken("its directory is missing") }
        let long = LittleEndian(try bytes(file, at: tail[place - 12, 8], 56))
        guard long[0, 4] == 0x0606_4B50 else { throw Failure.broken("its directory is missing") }
        return (long[32, 8], long[40, 8], long[48, 8])
    }

    private static func bytes(_ file: FileHandle, at place: Int, _ count: Int) throws -> [UInt8] {
        guard place >= 0, count >= 0 else { throw Failure.broken("it is cut off") }
        try file.seek(toOffset: UInt64(place))
        let data = count == 0 ? Data() : try file.read(upToCount: count) ?? Data()
        guard data.count == count else { throw Failure.broken("it is cut off") }
        return [UInt8](data)
    }
}

/// Numbers of a few bytes, the lowest first.
private struct LittleEndian {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    /// - Parameters:
    ///   - place: Of the first byte, within the bytes.
    ///   - count: 1 to 8; a number above `Int.max` is -1, which every check of a size refuses.
    subscript(place: Int, count: Int) -> Int {
        let number = (0..<count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[place + $1]) }
        return Int(exactly: number) ?? -1
    }

    func slice(_ place: Int, _ count: Int) -> ArraySlice<UInt8> { bytes[place..<place + count] }
}
