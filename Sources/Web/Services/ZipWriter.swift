import Formats
import Foundation

/// Writes a ZIP archive piece by piece, storing each file as it is (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
///
/// Images are compressed already, so nothing is gained by deflating. Only what the directory at the end needs is kept in
/// memory. Offsets beyond 4 GiB and more than 65,535 files use the ZIP64 records (4.3.14, 4.3.15, 4.5.3); one file may
/// have 4 GiB − 1 at most.
public struct ZipWriter: Sendable {
    private struct Entry {
        let name: [UInt8]
        let crc: UInt32
        let size: UInt32
        let offset: UInt64
    }

    private var entries: [Entry] = []
    private var offset: UInt64 = 0
    private let time: UInt16
    private let day: UInt16

    /// - Parameter date: The time that all files bear, in UTC.
    public init(date: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        // MS-DOS date and time (4.4.6): years since 1980, steps of two seconds.
        let year = UInt16(clamping: (parts.year ?? 1980) - 1980)
        day = min(year, 127) << 9 | UInt16(clamping: parts.month ?? 1) << 5 | UInt16(clamping: parts.day ?? 1)
        time =
            UInt16(clamping: parts.hour ?? 0) << 11 | UInt16(clamping: parts.minute ?? 0) << 5
            | UInt16(clamping: (parts.second ?? 0) / 2)
    }

    /// The header of a file and its bytes.
    ///
    /// - Parameters:
    ///   - content: At most 4 GiB − 1.
    ///   - name: The path within the archive, separated by `/`, without one at the beginning.
    public mutating func file(_ content: [UInt8], named name: String) -> [UInt8] {
        precondition(content.count < Int(UInt32.max), "a file of an archive is under 4 GiB")
        let entry = Entry(
            name: Array(name.utf8), crc: content.crc32, size: UInt32(content.count), offset: offset)
        entries.append(entry)
        var bytes: [UInt8] = []
        bytes.append(little: UInt32(0x0403_4B50))
        bytes.append(little: UInt16(10))
        common(entry, into: &bytes)
        bytes.append(little: UInt16(0))
        bytes += entry.name
        bytes += content
        offset += UInt64(bytes.count)
        return bytes
    }

    /// The directory, which ends the archive.
    public func end() -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries { directoryEntry(entry, into: &bytes) }
        let size = UInt64(bytes.count)
        if offset > UInt64(UInt32.max) || entries.count > Int(UInt16.max) { zip64End(size: size, into: &bytes) }
        bytes.append(little: UInt32(0x0605_4B50))
        bytes.append(little: UInt32(0))  // this disk, disk of the directory
        bytes.append(little: UInt16(clamping: entries.count))
        bytes.append(little: UInt16(clamping: entries.count))
        bytes.append(little: UInt32(clamping: size))
        bytes.append(little: UInt32(clamping: offset))
        bytes.append(little: UInt16(0))
        return bytes
    }

    /// From the flags to the length of the name; the same in both headers.
    private func common(_ entry: Entry, into bytes: inout [UInt8]) {
        bytes.append(little: UInt16(1 << 11))  // the name is UTF-8
        bytes.append(little: UInt16(0))  // stored
        bytes.append(little: time)
        bytes.append(little: day)
        bytes.append(little: entry.crc)
        bytes.append(little: entry.size)
        bytes.append(little: entry.size)
        bytes.append(little: UInt16(entry.name.count))
    }

    private func directoryEntry(_ entry: Entry, into bytes: inout [UInt8]) {
        let isFar = entry.offset >= UInt64(UInt32.max)
        bytes.append(little: UInt32(0x0201_4B50))
        bytes.append(little: UInt16(isFar ? 45 : 10))  // made by
        bytes.append(little: UInt16(isFar ? 45 : 10))  // needed
        common(entry, into: &bytes)
        bytes.append(little: UInt16(isFar ? 12 : 0))
        bytes.append(little: UInt16(0))  // comment
        bytes.append(little: UInt16(0))  // disk
        bytes.append(little: UInt16(0))  // internal attributes
        bytes.append(little: UInt32(0))  // external attributes
        bytes.append(little: isFar ? UInt32.max : UInt32(entry.offset))
        bytes += entry.name
        if isFar {
            bytes.append(little: UInt16(1))
            bytes.append(little: UInt16(8))
            bytes.append(little: entry.offset)
        }
    }

    private func zip64End(size: UInt64, into bytes: inout [UInt8]) {
        bytes.append(little: UInt32(0x0606_4B50))
        bytes.append(little: UInt64(44))
        bytes.append(little: UInt16(45))
        bytes.append(little: UInt16(45))
        bytes.append(little: UInt64(0))  // this disk, disk of the directory
        bytes.append(little: UInt64(entries.count))
        bytes.append(little: UInt64(entries.count))
        bytes.append(little: size)
        bytes.append(little: offset)
        bytes.append(little: UInt32(0x0706_4B50))
        bytes.append(little: UInt32(0))
        bytes.append(little: offset + size)
        bytes.append(little: UInt32(1))
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(little number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}
