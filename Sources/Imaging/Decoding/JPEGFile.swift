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
        var orientation = 1
        var isAdobe = false
        while true {
            let segment = try nextSegment(from: offset)
            switch segment.marker {
            case 0xC0, 0xC1, 0xC2:
                var header = try frame(segment, isAdobe: isAdobe)
                header.orientation = orientation
                header.isProgressive = segment.marker == 0xC2
                header.colourSource = colourSource()
                return header
            case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                throw reader.unsupported("lossless, hierarchical and arithmetically coded JPEG files")
            case 0xE1 where reader.has("Exif\0\0", at: segment.payload):
                orientation = EXIFOrientation.read(reader.bytes[(segment.payload + 6)..<segment.end])
            case 0xEE where reader.has("Adobe", at: segment.payload): isAdobe = true
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
            if segment.marker == 0xE2, reader.has("ICC_PROFILE\0", at: segment.payload),
                segment.payload + 14 <= segment.end
            {
                let number = Int(reader.bytes[segment.payload + 12])
                total = total ?? Int(reader.bytes[segment.payload + 13])
                parts[number] = reader.bytes[(segment.payload + 14)..<segment.end]
            }
            offset = segment.end
        }
        guard let total else { return nil }
        let found = (1...max(total, 1)).compactMap { parts[$0] }
        return found.count == total ? .profile(Array(found.joined()), isDeflated: false) : .incomplete
    }

    /// Walks every segment and scan to the end-of-image marker; libjpeg would fill what is missing with grey.
    /// - Returns: Bytes up to and including that marker; what follows is no part of the image.
    func completeLength() throws -> Int {
        var offset = 2
        var scans = 0
        while true {
            let segment = try nextSegment(from: offset)
            offset = segment.end
            if segment.marker == 0xD9 {
                guard scans > 0 else { throw reader.corrupt("it holds no image data") }
                return segment.end
            }
            if segment.marker == 0xDA {
                scans += 1
                guard scans <= Self.maximumScans else {
                    throw reader.unsupported("JPEG files of more than \(Self.maximumScans) scans")
                }
                offset = try endOfScan(from: segment.end)
            }
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

    /// Entropy-coded data runs to a marker that is neither stuffing (FF 00), fill (FF FF) nor a restart (FF D0 to D7).
    private func endOfScan(from start: Int) throws -> Int {
        let end = reader.bytes.withUnsafeBufferPointer { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
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
            return nil
        }
        guard let end else { throw reader.truncated }
        return end
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
        return header
    }
}
