/// Reads the files of a tar archive in memory (POSIX.1-2017, pax, “ustar Interchange Format”).
struct TarReader {
    private static let block = 512
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the first header has the magic word of ustar and of GNU tar.
    static func isArchive(_ bytes: [UInt8]) -> Bool {
        bytes.count >= block && bytes[257..<262].elementsEqual("ustar".utf8)
    }

    /// Reads every file; directories and extended headers are passed over.
    ///
    /// - Throws: `PackagingError`.
    func read(into files: inout PackageFiles.Collection) throws {
        var place = 0
        while place + Self.block <= bytes.count {
            let header = bytes[place..<place + Self.block]
            if header.allSatisfy({ $0 == 0 }) { return }
            try verify(header)
            let size = try octal(header, 124, 12)
            let start = place + Self.block
            guard size <= bytes.count - start else { throw Self.broken }
            switch header[place + 156] {
            case UInt8(ascii: "0"), 0:
                guard size <= files.allowance else { throw PackageFiles.tooLarge }
                try files.add(Array(bytes[start..<start + size]), at: name(header))
            case UInt8(ascii: "5"), UInt8(ascii: "x"), UInt8(ascii: "g"): break
            default: throw PackageFiles.unusable("“\(name(header))” is a link, a device, or has too long a name")
            }
            place = start + (size + Self.block - 1) / Self.block * Self.block
        }
        throw Self.broken
    }

    /// The sum of the header's bytes, its own field counted as spaces.
    private func verify(_ header: ArraySlice<UInt8>) throws {
        let first = header.startIndex
        let field = (first + 148)..<(first + 156)
        let sum = header.indices.reduce(0) { $0 + (field.contains($1) ? 0x20 : Int(header[$1])) }
        guard try octal(header, 148, 8) == sum else { throw Self.broken }
    }

    private func name(_ header: ArraySlice<UInt8>) -> String {
        let (prefix, name) = (text(header, 345, 155), text(header, 0, 100))
        // GNU tar uses the place of the prefix for times; then the magic word has no version “00” behind it.
        let isPOSIX = header[header.startIndex + 263] == UInt8(ascii: "0")
        return isPOSIX && !prefix.isEmpty ? "\(prefix)/\(name)" : name
    }

    private func text(_ header: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> String {
        let start = header.startIndex + offset
        return String(decoding: header[start..<start + count].prefix { $0 != 0 }, as: UTF8.self)
    }

    private func octal(_ header: ArraySlice<UInt8>, _ offset: Int, _ count: Int) throws -> Int {
        let digits = text(header, offset, count).filter { $0 != " " }
        guard let value = Int(digits, radix: 8), value >= 0 else { throw Self.broken }
        return value
    }

    private static var broken: PackagingError { PackageFiles.unusable("the .tar is cut off or broken") }
}
