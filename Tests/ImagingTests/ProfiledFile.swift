import Foundation
import Imaging

/// Image files with a colour profile put into them, built byte by byte; nothing here shares code with what reads them.
enum ProfiledFile {
    /// Primaries adapted to D50 (rows red, green, blue; columns X, Y, Z) and an exponent.
    struct Space: Sendable {
        let colorants: [[Double]]
        let exponent: Double

        /// Adobe RGB (1998), as its specification gives it.
        static let adobe = Space(
            colorants: [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]],
            exponent: 563.0 / 256)
        /// Those of sRGB, with an exponent in place of its curve.
        static let plain = Space(
            colorants: [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]],
            exponent: 461.0 / 256)

        /// What a sample of this space is in sRGB, by the formulas (IEC 61966-2-1; D50 matrix inverted).
        func inSRGB(_ samples: [UInt8]) -> [Int] {
            let light = samples.map { pow(Double($0) / 255, exponent) }
            let xyz = (0..<3).map { axis in (0..<3).reduce(0.0) { $0 + light[$1] * colorants[$1][axis] } }
            let rows = [
                [3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540],
                [0.0719453, -0.2289914, 1.4052427],
            ]
            return rows.map { row in
                let linear = min(1, max(0, zip(row, xyz).reduce(0) { $0 + $1.0 * $1.1 }))
                let value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
                return Int((value * 255).rounded())
            }
        }

        /// An ICC profile, version 2.4, of class monitor (ICC.1:2001-04).
        var profile: [UInt8] { ICC.profile(colorants: colorants, curve: ICC.gamma(exponent)) }
    }

    /// The profile of sRGB as a table of 1,024 entries, the form in which most files carry it.
    static var sRGBTable: [UInt8] {
        let table = (0..<1024).map { index -> UInt16 in
            let value = Double(index) / 1023
            let light = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            return UInt16((light * 65535).rounded())
        }
        return ICC.profile(
            colorants: Space.plain.colorants,
            curve: ICC.text("curv") + ICC.big(0) + ICC.big(1024) + table.flatMap(ICC.big))
    }

    enum ICC {
        static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
        static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
        static func big(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

        static func gamma(_ exponent: Double) -> [UInt8] {
            text("curv") + big(0) + big(1) + big(UInt16((exponent * 256).rounded())) + [0, 0]
        }

        static func xyz(_ values: [Double]) -> [UInt8] {
            text("XYZ ") + big(0) + values.flatMap { big(Int(($0 * 65536).rounded())) }
        }

        static func profile(colorants: [[Double]], curve: [UInt8], space: String = "RGB ") -> [UInt8] {
            var contents: [(String, [UInt8])] = [("wtpt", xyz([0.9642, 1, 0.8249]))]
            for (tag, values) in zip(["rXYZ", "gXYZ", "bXYZ"], colorants) { contents.append((tag, xyz(values))) }
            for tag in ["rTRC", "gTRC", "bTRC"] { contents.append((tag, curve)) }
            var table = big(contents.count)
            var data: [UInt8] = []
            let start = 128 + 4 + 12 * contents.count
            for (tag, content) in contents {
                table += text(tag)
                table += big(start + data.count) + big(content.count)
                data += content + [UInt8](repeating: 0, count: (4 - content.count % 4) % 4)
            }
            var header = big(start + data.count) + text("none") + big(0x0240_0000)
            header += text("mntr" + space + "XYZ ")
            header += [UInt8](repeating: 0, count: 12) + text("acsp")
            header += [UInt8](repeating: 0, count: 28)
            header += xyz([0.9642, 1, 0.8249]).dropFirst(8)
            return header + [UInt8](repeating: 0, count: 128 - header.count) + table + data
        }
    }

    /// A JPEG file with the profile in APP2 segments of at most `part` bytes, the last first when `isReversed`.
    static func jpeg(_ file: [UInt8], _ profile: [UInt8], part: Int = 65_000, isReversed: Bool = false) -> [UInt8] {
        let starts = Array(stride(from: 0, to: profile.count, by: part))
        var segments: [[UInt8]] = []
        for (index, start) in starts.enumerated() {
            let bytes = profile[start..<min(start + part, profile.count)]
            var segment: [UInt8] = [0xFF, 0xE2]
            segment += ICC.big(UInt16(bytes.count + 16))
            segment += ICC.text("ICC_PROFILE\0")
            segment += [UInt8(index + 1), UInt8(starts.count)]
            segment += bytes
            segments.append(segment)
        }
        if isReversed { segments.reverse() }
        return Array(file[..<2]) + Array(segments.joined()) + Array(file[2...])
    }

    /// A PNG file with chunks put behind its header chunk.
    static func png(_ file: [UInt8], _ chunks: [(type: String, content: [UInt8])]) -> [UInt8] {
        Array(file[..<33]) + chunks.flatMap { chunk($0.type, $0.content) } + Array(file[33...])
    }

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = ICC.text(type) + content
        return ICC.big(content.count) + body + ICC.big(Int(checksum(body)))
    }

    /// The content of an iCCP chunk: a name, the method, and a zlib stream of stored blocks (RFC 1950, 1951).
    static func iCCP(_ profile: [UInt8]) -> [UInt8] {
        ICC.text("colours") + [0, 0] + WrittenFile.zlib(profile)
    }

    /// CRC-32 (ISO/IEC 15948, annex D), bit by bit.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 {
                let isOdd = sum & 1 == 1
                sum >>= 1
                if isOdd { sum ^= 0xEDB8_8320 }
            }
        }
        return ~sum
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        var value = 0
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        return value
    }

    /// A little-endian TIFF file whose directory is written anew at its end with the profile in it.
    static func tiff(_ file: [UInt8], _ profile: [UInt8]) -> [UInt8] {
        let directory = number(file[4..<8])
        let entries = number(file[directory..<directory + 2])
        var result = file
        if result.count % 2 == 1 { result.append(0) }
        let place = result.count
        result += profile
        if result.count % 2 == 1 { result.append(0) }
        let start = result.count
        result += WrittenFile.little(entries + 1, 2)
        result += file[(directory + 2)..<(directory + 2 + 12 * entries)]
        result += WrittenFile.little(34675, 2)
        result += WrittenFile.little(7, 2)
        result += WrittenFile.little(profile.count, 4)
        result += WrittenFile.little(place, 4)
        result += WrittenFile.little(0, 4)
        result.replaceSubrange(4..<8, with: WrittenFile.little(start, 4))
        return result
    }

    /// A WebP file in the extended form, its picture's chunk behind the profile's.
    static func webP(_ file: [UInt8], _ profile: [UInt8], width: Int, height: Int) -> [UInt8] {
        var body = ICC.text("WEBPVP8X") + WrittenFile.little(10, 4)
        body += [0x20, 0, 0, 0]
        body += WrittenFile.little(width - 1, 3)
        body += WrittenFile.little(height - 1, 3)
        body += ICC.text("ICCP") + WrittenFile.little(profile.count, 4)
        body += profile
        if profile.count % 2 == 1 { body.append(0) }
        body += file[12...]
        return ICC.text("RIFF") + WrittenFile.little(body.count, 4) + body
    }
}
