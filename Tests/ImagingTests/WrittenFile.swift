import Foundation
import Imaging

/// Bytes of files as their standards have them, written by hand: nothing here shares code with what reads them.
enum WrittenFile {
    static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }

    /// A zlib stream of stored blocks (RFC 1950, 1951).
    static func zlib(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var start = 0
        repeat {
            let end = min(start + 60_000, bytes.count)
            stream.append(end == bytes.count ? 1 : 0)
            stream += little(end - start, 2) + little(~(end - start) & 0xFFFF, 2)
            stream += bytes[start..<end]
            start = end
        } while start < bytes.count
        var (low, high) = (1, 0)
        for byte in bytes {
            low = (low + Int(byte)) % 65521
            high = (high + low) % 65521
        }
        return stream + big(high << 16 | low, 4)
    }
}

/// A PNG file of any depth (ISO/IEC 15948).
struct WrittenPNG {
    let width: Int
    let height: Int
    var bits = 8
    /// 0 grey, 2 colour, 4 and 6 the same with alpha.
    var colourType = 2
    var isInterlaced = false
    /// The samples of a pixel.
    let sample: (_ x: Int, _ y: Int) -> [Int]

    private var header: [UInt8] {
        let size = WrittenFile.big(width, 4) + WrittenFile.big(height, 4)
        return size + [UInt8(bits), UInt8(colourType), 0, 0, isInterlaced ? 1 : 0]
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Signature and header chunk alone: what a look before decoding needs.
    var start: [UInt8] { Self.signature + headerChunk }

    private var headerChunk: [UInt8] { ProfiledFile.chunk("IHDR", header) }

    var bytes: [UInt8] {
        var rows: [UInt8] = []
        // Adam7 (clause 8.2): where each pass begins, and its steps.
        let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        for (x0, y0, dx, dy) in isInterlaced ? passes : [(0, 0, 1, 1)] where x0 < width && y0 < height {
            for y in stride(from: y0, to: height, by: dy) {
                rows.append(0)
                for x in stride(from: x0, to: width, by: dx) {
                    rows += sample(x, y).flatMap { WrittenFile.big($0, bits / 8) }
                }
            }
        }
        return Self.signature + headerChunk + ProfiledFile.chunk("IDAT", WrittenFile.zlib(rows))
            + ProfiledFile.chunk("IEND", [])
    }
}

/// A TIFF file, uncompressed (TIFF 6.0), or a BigTIFF file.
struct WrittenTIFF {
    /// One page: its samples by pixel, row by row, and its tags.
    struct Page {
        let width: Int
        let height: Int
        var bits = 8
        var samples = 3
        /// 0 and 1 grey, 2 RGB, 5 CMYK, 8 Lab.
        var photometric = 2
        var isApart = false
        var tileSide: Int?
        /// Other tags, with 16-bit values.
        var tags: [Int: [Int]] = [:]
        var description = ""
        /// `[height * width * samples]`.
        let values: [Int]

        init(_ image: RGBImage, extra: [Int] = []) {
            (width, height) = (image.width, image.height)
            samples = 3 + extra.count
            var values: [Int] = []
            for pixel in 0..<image.width * image.height {
                values += image.pixels[(3 * pixel)..<(3 * pixel + 3)].map { Int($0) }
                values += extra
            }
            self.values = values
        }

        init(width: Int, height: Int, bits: Int = 8, samples: Int = 3, photometric: Int = 2, values: [Int]) {
            (self.width, self.height, self.bits) = (width, height, bits)
            (self.samples, self.photometric, self.values) = (samples, photometric, values)
        }
    }

    let pages: [Page]
    var isBigEndian = false
    var isBigTIFF = false

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
        isBigEndian ? WrittenFile.big(value, count) : WrittenFile.little(value, count)
    }

    private var word: Int { isBigTIFF ? 8 : 4 }

    var bytes: [UInt8] {
        var file = Array((isBigEndian ? "MM" : "II").utf8)
        file += isBigTIFF ? number(43, 2) + number(8, 2) + number(0, 2) : number(42, 2)
        file += [UInt8](repeating: 0, count: word)
        var link = file.count - word
        for page in pages {
            let segments = self.segments(of: page).map { segment -> (offset: Int, count: Int) in
                let offset = file.count
                file += segment
                return (offset, segment.count)
            }
            let (directory, next) = self.directory(of: page, segments, at: &file)
            file.replaceSubrange(link..<(link + word), with: number(directory, word))
            link = next
        }
        return file
    }

    /// Strips of 7 rows, or tiles, of all samples or of each in turn.
    private func segments(of page: Page) -> [[UInt8]] {
        let across = page.tileSide ?? page.width
        let down = page.tileSide ?? 7
        let lists = page.isApart ? (0..<page.samples).map { [$0] } : [Array(0..<page.samples)]
        return lists.flatMap { list in
            stride(from: 0, to: page.height, by: down).flatMap { top in
                stride(from: 0, to: page.width, by: across).map { left -> [UInt8] in
                    let bottom = page.tileSide == nil ? min(top + down, page.height) : top + down
                    return (top..<bottom).flatMap { y in
                        (left..<left + across).flatMap { x -> [UInt8] in
                            // A tile at the edge is filled up.
                            let pixel = min(y, page.height - 1) * page.width + min(x, page.width - 1)
                            return list.flatMap { number(page.values[pixel * page.samples + $0], page.bits / 8) }
                        }
                    }
                }
            }
        }
    }

    private func directory(
        of page: Page, _ segments: [(offset: Int, count: Int)], at file: inout [UInt8]
    ) -> (start: Int, next: Int) {
        let (short, long, text) = (3, isBigTIFF ? 16 : 4, 2)
        var tags: [Int: (type: Int, values: [Int])] = [
            256: (short, [page.width]), 257: (short, [page.height]),
            258: (short, Array(repeating: page.bits, count: page.samples)), 259: (short, [1]),
            262: (short, [page.photometric]), 277: (short, [page.samples]), 284: (short, [page.isApart ? 2 : 1]),
        ]
        if let side = page.tileSide {
            (tags[322], tags[323]) = ((short, [side]), (short, [side]))
            (tags[324], tags[325]) = ((long, segments.map(\.offset)), (long, segments.map(\.count)))
        } else {
            tags[278] = (short, [7])
            (tags[273], tags[279]) = ((long, segments.map(\.offset)), (long, segments.map(\.count)))
        }
        for (tag, values) in page.tags { tags[tag] = (short, values) }
        if !page.description.isEmpty { tags[270] = (text, page.description.utf8.map(Int.init) + [0]) }
        let sizes = [short: 2, long: word, text: 1]
        var entries: [UInt8] = []
        for (tag, content) in tags.sorted(by: { $0.key < $1.key }) {
            var data = content.values.flatMap { number($0, sizes[content.type] ?? 1) }
            if data.count > word {
                let place = file.count
                file += data
                data = number(place, word)
            }
            entries += number(tag, 2) + number(content.type, 2) + number(content.values.count, word)
            entries += data + [UInt8](repeating: 0, count: word - data.count)
        }
        if file.count % 2 == 1 { file.append(0) }
        let start = file.count
        file += number(tags.count, isBigTIFF ? 8 : 2) + entries + number(0, word)
        return (start, file.count - word)
    }
}

/// A Windows bitmap (Windows GDI, "Bitmap Storage").
struct WrittenBMP {
    let width: Int
    let height: Int
    /// Length of the information header: 12, 40, 52, 56, 108 or 124.
    var header = 40
    var bits = 24
    var compression = 0
    /// Red, green, blue and, where there are four, alpha.
    var masks: [UInt32] = []
    /// Red, green and blue of each colour.
    var palette: [[UInt8]] = []
    var isTopDown = false
    /// An ICC profile, for a header of 124 bytes.
    var profile: [UInt8] = []
    /// The rows as they are stored, each filled up to 4 bytes, or the runs.
    let pixels: [UInt8]

    var bytes: [UInt8] {
        let little = WrittenFile.little
        var info = little(header, 4)
        if header == 12 {
            info += little(width, 2) + little(height, 2) + little(1, 2) + little(bits, 2)
        } else {
            info += little(width, 4) + little(isTopDown ? -height : height, 4) + little(1, 2) + little(bits, 2)
            info += little(compression, 4) + little(pixels.count, 4) + little(2835, 4) + little(2835, 4)
            info += little(palette.count, 4) + little(0, 4)
        }
        let maskBytes = masks.flatMap { little(Int($0), 4) }
        info += header == 12 ? [] : maskBytes
        info += [UInt8](repeating: 0, count: max(0, header - info.count))
        var colours: [UInt8] = []
        for colour in palette {
            colours += colour.reversed()
            if header != 12 { colours.append(0) }
        }
        let start = 14 + info.count + colours.count
        if header == 124, !profile.isEmpty {
            // bV5CSType, and where the profile lies behind the header.
            info.replaceSubrange(56..<60, with: little(0x4D42_4544, 4))
            info.replaceSubrange(112..<120, with: little(start - 14 + pixels.count, 4) + little(profile.count, 4))
        }
        let length = start + pixels.count + profile.count
        var file: [UInt8] = Array("BM".utf8)
        file += little(length, 4)
        file += little(0, 4)
        file += little(start, 4)
        file += info
        file += colours
        file += pixels
        return file + profile
    }

    /// Rows from the lowest up, filled up to 4 bytes.
    static func rows(of image: RGBImage, topDown: Bool = false, _ pixel: (_ rgb: [UInt8]) -> [UInt8]) -> [UInt8] {
        let rows = (0..<image.height).map { y -> [UInt8] in
            let row = (0..<image.width).flatMap { x -> [UInt8] in
                let start = (y * image.width + x) * 3
                return pixel(Array(image.pixels[start..<start + 3]))
            }
            return row + [UInt8](repeating: 0, count: (4 - row.count % 4) % 4)
        }
        return (topDown ? rows : rows.reversed()).flatMap { $0 }
    }
}
