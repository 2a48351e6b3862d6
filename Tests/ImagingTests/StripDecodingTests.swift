import Foundation
import Findings
import Imaging
import Testing

/// Decoding row by row: the pixels are those of the whole image, and the memory is not.
@Suite struct StripDecodingTests {
    private static func sizes() -> [(Int, Int)] { [(400, 304), (401, 303), (399, 400), (97, 613), (803, 330)] }

    private static func files(of image: RGBImage) throws -> [(name: String, bytes: [UInt8])] {
        let bitmap = WrittenBMP(
            width: image.width, height: image.height, pixels: WrittenBMP.rows(of: image) { $0.reversed() })
        return [
            ("PNG", try ImageEncoder.png(image)), ("BMP", bitmap.bytes),
            ("TIFF", WrittenTIFF(pages: [WrittenTIFF.Page(image)]).bytes),
        ]
    }

    @Test func `an image reduced on the way is to the bit the whole one reduced by area`() throws {
        for (width, height) in Self.sizes() {
            let image = ImageFixture.textured(width: width, height: height)
            for file in try Self.files(of: image) {
                #expect(try ImageDecoder.decode(file.bytes) == image, "\(file.name)")
                for reduction in [2, 4, 8] {
                    let reduced = try ImageDecoder.decode(
                        file.bytes, minimumSide: min(width, height) / reduction)
                    let expected = try image.resized(
                        width: (width + reduction - 1) / reduction, height: (height + reduction - 1) / reduction)
                    #expect(reduced == expected, "\(file.name), \(width)x\(height), 1/\(reduction)")
                }
            }
        }
    }

    @Test(arguments: [2, 3, 4, 5, 6, 7, 8])
    func `an image is turned upright while it is reduced`(orientation: Int) throws {
        let exif =
            Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, UInt8(orientation)]
            + [UInt8](repeating: 0, count: 7)
        let image = ImageFixture.textured(width: 90, height: 71)
        let file = ProfiledFile.png(try ImageEncoder.png(image), [("eXIf", exif)])
        for reduction in [1, 2] {
            let (width, height) = ((90 + reduction - 1) / reduction, (71 + reduction - 1) / reduction)
            let stored = reduction == 1 ? image : try image.resized(width: width, height: height)
            let seen = try ImageDecoder.decode(file, minimumSide: 71 / reduction)
            #expect(seen.width == (orientation >= 5 ? height : width))
            for y in 0..<height {
                for x in 0..<width {
                    // EXIF 2.3, tag 274: where the stored pixel is seen.
                    let (right, below) = (width - 1 - x, height - 1 - y)
                    let place = [
                        2: (right, y), 3: (right, below), 4: (x, below), 5: (y, x), 6: (below, x), 7: (below, right),
                    ]
                    let (column, row) = place[orientation] ?? (y, right)
                    #expect(ImageFixture.color(seen, column, row) == ImageFixture.color(stored, x, y))
                }
            }
        }
    }

    @Test(arguments: [(8, 2), (8, 6), (16, 2), (16, 6), (8, 0), (16, 4)])
    func `an interlaced PNG is the same picture`(bits: Int, colourType: Int) throws {
        var png = WrittenPNG(width: 45, height: 37, bits: bits, colourType: colourType) { x, y in
            let values = [x * 5, y * 6, 250, 255 - x].map { bits == 8 ? $0 : $0 * 257 }
            let used = [0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3]][colourType] ?? []
            return used.map { values[$0] }
        }
        let plain = try ImageDecoder.decode(png.bytes)
        png.isInterlaced = true
        #expect(try ImageDecoder.decode(png.bytes) == plain)
        if colourType == 2 { #expect(ImageFixture.color(plain, 9, 4) == [45, 24, 250]) }
    }

    @Test func `16 bits are rounded to the nearest of 8, not cut`() throws {
        let png = WrittenPNG(width: 64, height: 32, bits: 16) { x, y in [x * 1000, y == 0 ? 65535 : 1000, 129] }
        let image = try ImageDecoder.decode(png.bytes)
        for x in 0..<64 {
            let expected = Int((Double(x * 1000) / 257).rounded())
            #expect(ImageFixture.color(image, x, 5) == [expected, 4, 1])
        }
    }

    @Test func `a profile is applied to 16 bits before they become 8`() throws {
        // Light itself: the darkest half of what the eye tells apart lies in the lowest fifth of it.
        let png = WrittenPNG(width: 256, height: 32, bits: 16) { x, _ in [x * 40, x * 40, x == 0 ? 65535 : x * 40] }
        let linear = ProfiledFile.png(png.bytes, [("gAMA", ProfiledFile.ICC.big(100_000))])
        let image = try ImageDecoder.decodeWithHeader(linear)
        #expect(image.header.notes.contains(.coloursConverted))
        var levels: Set<Int> = []
        for x in 1..<256 {
            let light = Double(x * 40) / 65535
            let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
            let found = ImageFixture.color(image.image, x, 9)
            #expect(found.allSatisfy { abs(Double($0) - value * 255) <= 1 }, "\(x): \(found), not \(value * 255)")
            levels.insert(found[0])
        }
        // Of 8 bits first there would be 40.
        #expect(levels.count > 90)
    }

    @Test func `PNG files with 12 bits in 16 are stretched too, with what is opaque left so`() throws {
        for colourType in [2, 6] {
            let png = WrittenPNG(width: 40, height: 40, bits: 16, colourType: colourType) { x, y in
                [x * 105, y * 105, 4095] + (colourType == 6 ? [65535] : [])
            }
            let image = try ImageDecoder.decodeWithHeader(png.bytes)
            #expect(image.header.notes == [.fewerBits(bits: 12)])
            #expect(ImageFixture.color(image.image, 39, 0) == [255, 0, 255])
        }
    }

    @Test func `what 60 megapixels cost is told by the header, and too much is refused by name`() throws {
        let side = 7745
        func png(_ isInterlaced: Bool, bits: Int = 16) -> [UInt8] {
            WrittenPNG(width: side, height: side, bits: bits, colourType: 6, isInterlaced: isInterlaced) { _, _ in [] }
                .start
        }
        #expect(try ImageDecoder.cost(of: png(false), minimumSide: 1025) < 20_000_000)
        let error = #expect(throws: ImagingError.self) { try ImageDecoder.cost(of: png(true), minimumSide: 1025) }
        #expect(error?.code == .tooMuchMemory)
        #expect(error?.weight == .interlaced)
        #expect(error?.message.contains("interlaced") == true)
        // One of 8 bits is held whole and within the limit.
        let cost = try ImageDecoder.cost(of: png(true, bits: 8), minimumSide: 1025)
        #expect(cost > 4 * side * side && cost < 5 * side * side)
    }

    @Test func `a progressive JPEG costs its coefficients`() throws {
        let file = try ImageFixture.bytes("progressive.jpg")
        let frame = try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC2 })
        var large = file
        large.replaceSubrange((frame + 5)..<(frame + 9), with: [0x1E, 0x40, 0x1E, 0x40])  // 7744
        let cost = try ImageDecoder.cost(of: large, minimumSide: 1025)
        #expect(cost > 6 * 7744 * 7744 && cost < 7 * 7744 * 7744)
        let few = ImageLimits(maximumWorkingBytes: 100_000_000)
        let error = #expect(throws: ImagingError.self) { try ImageDecoder.decode(large, limits: few) }
        #expect(error?.weight == .progressive)
    }
}
