import Foundation

/// The marker structure of a JPEG file (ITU-T T.81, annex B).
struct JPEGFile {
    /// More scans than any camera writes: a small progressive file with thousands would decode for minutes.
    static let maximumScans = 100

    private let reader: ByteReader

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes: bytes, format: .jpeg)
    }

    /// Reads up to the frame header.
    func header() throws -> ImageHeader {
        var offset = 2
        var orientation: Int?
        var isAdobe = false
        while true {
            let segment = try nextSegment(from: offset)
            switch segment.marker {
            case 0xC0, 0xC1, 0xC2:
                var header = try frame(segment, isAdobe: isAdobe)
                header.orientation = orientation ?? 1
                header.colourSource = colourSource()
                return header
            case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                throw reader.unsupported("lossless, hierarchical and arithmetically coded JPEG files")
            // Of two blocks the first counts: programs that add one put the older behind it.
            case 0xE1 where orientation == nil:
                orientation = content(of: segment, behind: "Exif\0\0").flatMap { EXIFOrientation.read($0) }
            case 0xEE where content(of: segment, behind: "Adobe") != nil: isAdobe = true
            case 0xD9, 0xDA: throw reader.corrupt("no frame header before the image data")
            default: break
            }
            offset = segment.end
        }
    }

    /// The profile in all APP2 segments up to the first scan (ICC.1:2022, B.4), whatever their order.
    private func colourSource() -> ColourSource? {
        var offset = 2
        var parts: [Int: ArraySlice<UInt8>] = [:]
        var total: Int?
        // Damage is reported by `header` and `completeLength`.
        while let segment = try? nextSegment(from: offset), segment.marker != 0xDA, segment.marker != 0xD9 {
            if segment.marker == 0xE2, let part = content(of: segment, behind: "ICC_PROFILE\0"), part.count >= 2 {
                total = total ?? Int(part[part.startIndex + 1])
                parts[Int(part[part.startIndex])] = part.dropFirst(2)
            }
            offset = segment.end
        }
        guard let total else { return nil }
        let found = (1...max(total, 1)).compactMap { parts[$0] }
        return found.count == total ? .profile(Array(found.joined()), isDeflated: false) : .incomplete
    }

    /// How far the image goes in its file; what follows is no part of it.
    struct Extent {
        /// Bytes up to and including the end-of-image marker, or to the end of the last scan where that is missing.
        let length: Int
        /// Whether the end-of-image marker is there.
        let hasEnd: Bool
    }

    /// Walks every segment and scan to the end-of-image marker; libjpeg would fill what is missing with grey.
    ///
    /// Some cameras leave the marker out, or write a trailer of their own in its place. The image is whole all the same
    /// where the scans so far are of all its coefficients; whether the last scan is, libjpeg finds out.
    func extent() throws -> Extent {
        var coverage = ScanCoverage()
        var endOfScans: Int?
        var (offset, scans) = (2, 0)
        do {
            while true {
                let segment = try nextSegment(from: offset)
                offset = segment.end
                switch segment.marker {
                case 0xD9:
                    guard scans > 0 else { throw reader.corrupt("it holds no image data") }
                    return Extent(length: segment.end, hasEnd: true)
                case 0xC0, 0xC1, 0xC2: coverage.begin(content(of: segment))
                case 0xDA:
                    scans += 1
                    guard scans <= Self.maximumScans else {
                        throw reader.unsupported("JPEG files of more than \(Self.maximumScans) scans")
                    }
                    coverage.add(content(of: segment))
                    let end = endOfScan(from: segment.end)
                    if coverage.isComplete { endOfScans = end }
                    offset = end
                default: break
                }
            }
        } catch let error as ImagingError where [.truncated, .corrupt].contains(error.code) {
            guard let endOfScans else { throw error }
            return Extent(length: endOfScans, hasEnd: false)
        }
    }

    private struct Segment {
        let marker: Int
        /// First byte after the length field, and first byte after the segment.
        let payload: Int
        let end: Int
    }

    private func nextSegment(from start: Int) throws -> Segment {
        var offset = start
        // Some writers fill up with zeros, which libjpeg passes over too.
        while try reader.byte(offset) == 0 { offset += 1 }
        guard try reader.byte(offset) == 0xFF else { throw reader.corrupt("a marker is missing at byte \(offset)") }
        while try reader.byte(offset) == 0xFF { offset += 1 }
        let marker = try reader.byte(offset)
        offset += 1
        switch marker {
        case 0x01, 0xD0...0xD7, 0xD9: return Segment(marker: marker, payload: offset, end: offset)
        case 0x00, 0xD8: throw reader.corrupt("an invalid marker at byte \(offset - 1)")
        default:
            let length = try reader.uint16(offset)
            guard length >= 2 else { throw reader.corrupt("a segment of \(length) bytes") }
            try reader.require(offset, length)
            return Segment(marker: marker, payload: offset + 2, end: offset + length)
        }
    }

    private func content(of segment: Segment) -> ArraySlice<UInt8> { reader.bytes[segment.payload..<segment.end] }

    /// What follows a name within its segment; nil where the segment does not begin with it.
    private func content(of segment: Segment, behind name: String) -> ArraySlice<UInt8>? {
        let content = content(of: segment)
        return content.starts(with: name.utf8) ? content.dropFirst(name.utf8.count) : nil
    }

    /// Entropy-coded data runs to a marker that is neither stuffing (FF 00), fill (FF FF) nor a restart (FF D0 to D7),
    /// or else to the end of the file.
    private func endOfScan(from start: Int) -> Int {
        reader.bytes.withUnsafeBufferPointer { bytes -> Int in
            guard let base = bytes.baseAddress else { return bytes.count }
            var offset = start
            // memchr looks at many bytes at once: this runs over all of a photograph.
            while offset + 1 < bytes.count, let found = memchr(base + offset, 0xFF, bytes.count - 1 - offset) {
                offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                switch bytes[offset + 1] {
                case 0x00, 0xD0...0xD7: offset += 2
                case 0xFF: offset += 1
                default: return offset
                }
            }
            // A last FF may be half a marker.
            return bytes.last == 0xFF ? bytes.count - 1 : bytes.count
        }
    }

    private func frame(_ segment: Segment, isAdobe: Bool) throws -> ImageHeader {
        guard segment.end - segment.payload >= 6 else { throw reader.corrupt("a short frame header") }
        let bits = try reader.byte(segment.payload)
        let height = try reader.uint16(segment.payload + 1)
        let width = try reader.uint16(segment.payload + 3)
        let channels = try reader.byte(segment.payload + 5)
        guard bits == 8 else { throw reader.unsupported("JPEG files of \(bits) bits") }
        guard width > 0, height > 0 else { throw reader.corrupt("a size of \(width)x\(height)") }
        guard [1, 3, 4].contains(channels) else { throw reader.corrupt("\(channels) colour channels") }
        // Every CMYK JPEG in practice follows Adobe and is inverted; without the mark its colours would be a guess.
        guard channels < 4 || isAdobe else { throw reader.unsupported("CMYK JPEG files without Adobe's mark") }
        var header = ImageHeader(format: .jpeg, width: width, height: height)
        header.channels = channels
        if try isHeldWhole(segment, channels: channels) {
            header.workingBytes = try coefficientBytes(segment, width: width, height: height, channels: channels)
            header.weight = .progressive
        }
        return header
    }

    /// Whether libjpeg holds all coefficients: of progressive files, and of those with a scan a colour.
    private func isHeldWhole(_ frame: Segment, channels: Int) throws -> Bool {
        if frame.marker == 0xC2 { return true }
        var offset = frame.end
        while let segment = try? nextSegment(from: offset) {
            if segment.marker == 0xDA { return try reader.byte(segment.payload) < channels }
            offset = segment.end
        }
        return false
    }

    /// 2 bytes a coefficient, in blocks of 8 by 8 (T.81, A.1.1: each component has its share of the largest one's size).
    private func coefficientBytes(_ frame: Segment, width: Int, height: Int, channels: Int) throws -> Int {
        guard frame.end - frame.payload >= 6 + 3 * channels else { throw reader.corrupt("a short frame header") }
        let factors = try (0..<channels).map { component -> (Int, Int) in
            let both = try reader.byte(frame.payload + 6 + 3 * component + 1)
            guard (1...4).contains(both >> 4), (1...4).contains(both & 15) else {
                throw reader.corrupt("a sampling factor of \(both)")
            }
            return (both >> 4, both & 15)
        }
        let (across, down) = (factors.map(\.0).max() ?? 1, factors.map(\.1).max() ?? 1)
        let (columns, rows) = ((width + 8 * across - 1) / (8 * across), (height + 8 * down - 1) / (8 * down))
        return factors.reduce(0) { $0 + columns * $1.0 * rows * $1.1 * 128 }
    }
}

/// Which coefficients of which components the scans of a JPEG file have brought so far, to the last bit (T.81, G.1.1).
private struct ScanCoverage {
    /// By component: which of the 64 coefficients are whole.
    private var whole: [UInt8: UInt64] = [:]

    /// - Parameter frame: The payload of the frame header.
    mutating func begin(_ frame: ArraySlice<UInt8>) {
        guard let count = frame.dropFirst(5).first else { return }
        for component in 0..<Int(count) {
            if let id = frame.dropFirst(6 + 3 * component).first { whole[id] = 0 }
        }
    }

    /// - Parameter scan: The payload of the scan header.
    mutating func add(_ scan: ArraySlice<UInt8>) {
        let scan = Array(scan)
        guard let count = scan.first, scan.count >= 4 + 2 * Int(count) else { return }
        let parameters = scan[(1 + 2 * Int(count))...].prefix(3).map(Int.init)
        guard parameters[0] <= parameters[1], parameters[1] < 64, parameters[2] & 15 == 0 else { return }
        let range = (parameters[0]...parameters[1]).reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        for component in 0..<Int(count) { whole[scan[1 + 2 * component]]? |= range }
    }

    var isComplete: Bool { !whole.isEmpty && whole.values.allSatisfy { $0 == .max } }
}
