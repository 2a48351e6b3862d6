import Findings
import Imaging
import Testing

@Suite struct BMPImageTests {
    private static let picture = ImageFixture.textured(width: 45, height: 37)

    /// Bits of a sample put where a mask has them.
    private static func packed(_ rgba: [UInt8], _ masks: [UInt32], bytes: Int) -> [UInt8] {
        var value: UInt32 = 0
        for (sample, mask) in zip(rgba, masks) where mask != 0 {
            let most = mask >> UInt32(mask.trailingZeroBitCount)
            value |= UInt32((UInt64(sample) * UInt64(most) + 127) / 255) << UInt32(mask.trailingZeroBitCount)
        }
        return WrittenFile.little(Int(value), bytes)
    }

    private static func masked(
        header: Int, bits: Int, compression: Int, _ masks: [UInt32], alpha: UInt8 = 255, topDown: Bool = false
    ) -> [UInt8] {
        let pixels = WrittenBMP.rows(of: picture, topDown: topDown) {
            packed($0 + [alpha], masks, bytes: bits / 8)
        }
        return WrittenBMP(
            width: picture.width, height: picture.height, header: header, bits: bits, compression: compression,
            masks: compression == 0 ? [] : masks, isTopDown: topDown, pixels: pixels
        ).bytes
    }

    @Test(arguments: [40, 52, 56, 108, 124], [false, true])
    func `masks say which bits are which colour, in every version of the header`(header: Int, topDown: Bool) throws {
        let orders: [[UInt32]] = [
            [0xFF, 0xFF00, 0xFF_0000], [0xFF_0000, 0xFF00, 0xFF], [0xFF00_0000, 0xFF_0000, 0xFF00],
        ]
        for masks in orders {
            let all = header >= 56 ? masks + [0] : masks
            let file = Self.masked(header: header, bits: 32, compression: 3, all, topDown: topDown)
            #expect(try ImageDecoder.decode(file) == Self.picture, "\(masks)")
        }
    }

    @Test func `alpha lies over white, unless nothing is visible at all`() throws {
        let masks: [UInt32] = [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000]
        for header in [56, 108, 124] {
            let opaque = Self.masked(header: header, bits: 32, compression: 3, masks)
            #expect(try ImageDecoder.decode(opaque) == Self.picture)
            let unset = Self.masked(header: header, bits: 32, compression: 3, masks, alpha: 0)
            #expect(try ImageDecoder.decode(unset) == Self.picture)
            let half = try ImageDecoder.decode(Self.masked(header: header, bits: 32, compression: 3, masks, alpha: 128))
            let expected = ImageFixture.color(Self.picture, 4, 4).map { ($0 * 128 + 255 * 127 + 127) / 255 }
            #expect(ImageFixture.color(half, 4, 4) == expected)
        }
        // The fourth byte of plain 32-bit files has no meaning.
        let plain: [UInt32] = [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000]
        #expect(
            try ImageDecoder.decode(Self.masked(header: 40, bits: 32, compression: 0, plain, alpha: 3)) == Self.picture)
    }

    @Test(arguments: [(0, [0x7C00, 0x03E0, 0x001F]), (3, [0xF800, 0x07E0, 0x001F]), (3, [0x000F, 0x00F0, 0x0F00])])
    func `16 bits hold 5, 6 or 4 bits a colour, the highest of them white`(compression: Int, masks: [UInt32]) throws {
        let image = try ImageDecoder.decode(
            Self.masked(header: 40, bits: 16, compression: compression, masks))
        let step = masks.map { 255 / Int($0 >> UInt32($0.trailingZeroBitCount)) }
        for index in 0..<Self.picture.pixels.count {
            let difference = abs(Int(image.pixels[index]) - Int(Self.picture.pixels[index]))
            #expect(difference <= step[index % 3] / 2 + 1)
        }
        let white = WrittenBMP(
            width: 32, height: 32, bits: 16, compression: compression,
            masks: compression == 0 ? [] : masks, pixels: Array(repeating: 0xFF, count: 2048))
        #expect(try ImageFixture.color(ImageDecoder.decode(white.bytes), 3, 3) == [255, 255, 255])
    }

    private static let palette: [[UInt8]] = [[250, 240, 230], [90, 40, 130], [200, 160, 190], [10, 20, 30]]

    /// A scene of the four colours, by index.
    private static func index(_ x: Int, _ y: Int) -> Int { (x / 5 + y / 3) % 4 }

    private static let indexed = RGBImage(
        width: 45, height: 37,
        pixels: (0..<37).flatMap { y in (0..<45).flatMap { x in palette[index(x, y)] } })

    @Test(arguments: [2, 4, 8], [12, 40, 124])
    func `palettes of every size are read`(bits: Int, header: Int) throws {
        let rows = (0..<37).reversed().flatMap { y -> [UInt8] in
            var row = [UInt8](repeating: 0, count: (45 * bits + 31) / 32 * 4)
            for x in 0..<45 { row[x * bits / 8] |= UInt8(Self.index(x, y) << (8 - bits - x * bits % 8)) }
            return row
        }
        // The oldest header does not say how many colours there are.
        let rest: [[UInt8]] = Array(repeating: [0, 0, 0], count: header == 12 ? (1 << bits) - 4 : 0)
        let file = WrittenBMP(
            width: 45, height: 37, header: header, bits: bits, palette: Self.palette + rest, pixels: rows)
        #expect(try ImageDecoder.decode(file.bytes) == Self.indexed)
    }

    /// Runs, copies of an odd length, and a jump over what has the first colour.
    private static func runs(bits: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for y in (0..<37).reversed() {
            let row = (0..<45).map { UInt8(index($0, y)) }
            for start in stride(from: 0, to: 45, by: 5) {
                let value = row[start]
                if start == 10 {
                    let copied =
                        bits == 8 ? row[10..<15] + [0] : [value << 4 | value, value << 4 | value, value << 4, 0]
                    bytes += [0, 5] + copied
                } else if value == 0 {
                    bytes += [0, 2, 5, 0]
                } else {
                    bytes += [5, bits == 8 ? value : value << 4 | value]
                }
            }
            bytes += [0, y == 0 ? 1 : 0]
        }
        return bytes
    }

    @Test(arguments: [(8, 1), (4, 2)])
    func `runs of 8 and of 4 bits are read, and ones that end early are refused`(bits: Int, compression: Int) throws {
        let runs = Self.runs(bits: bits)
        func file(_ pixels: [UInt8]) -> [UInt8] {
            WrittenBMP(
                width: 45, height: 37, bits: bits, compression: compression, palette: Self.palette, pixels: pixels
            ).bytes
        }
        #expect(try ImageDecoder.decode(file(runs)) == Self.indexed)
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(file(Array(runs.prefix(runs.count / 2)))) }
        // A jump out of the picture.
        #expect(throws: ImagingError.self) { try ImageDecoder.decode(file([0, 2, 255, 255, 0, 1])) }
    }

    @Test func `a profile in a file of version 5 is applied`() throws {
        let rows = WrittenBMP.rows(of: Self.picture) { $0.reversed() }
        let file = WrittenBMP(
            width: 45, height: 37, header: 124, profile: ProfiledFile.Space.adobe.profile, pixels: rows)
        let image = try ImageDecoder.decodeWithHeader(file.bytes)
        #expect(image.header.notes == [.coloursConverted])
        #expect(image.image != Self.picture)
    }

    @Test func `JPEG data in a bitmap is unsupported, and colours without bits are black`() throws {
        let rows = WrittenBMP.rows(of: Self.picture) { $0 + [0] }
        let file = WrittenBMP(width: 45, height: 37, bits: 32, compression: 4, pixels: rows)
        #expect(#expect(throws: ImagingError.self) { try ImageDecoder.decode(file.bytes) }?.code == .unsupported)
        let masks: [UInt32] = [0xFF, 0, 0]
        let red = try ImageDecoder.decode(Self.masked(header: 40, bits: 32, compression: 3, masks))
        #expect(ImageFixture.color(red, 7, 7) == [ImageFixture.color(Self.picture, 7, 7)[0], 0, 0])
    }
}
