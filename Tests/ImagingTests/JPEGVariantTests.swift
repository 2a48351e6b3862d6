import Findings
import Imaging
import Testing

@Suite struct JPEGVariantTests {
    private static let files = ["plain.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg"]

    private static func exif(_ orientation: UInt8, prefix: Bool = true) -> [UInt8] {
        let block =
            Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        return (prefix ? Array("Exif\0\0".utf8) : []) + block
    }

    private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker] + WrittenFile.big(content.count + 2, 2) + content
    }

    @Test(arguments: files)
    func `a file without its end mark is read where all of its image is there`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        let whole = try ImageDecoder.decodeWithHeader(file)
        for cut in 1...2 {
            let image = try ImageDecoder.decodeWithHeader(Array(file.dropLast(cut)))
            #expect(image.image == whole.image)
            #expect(image.header.notes == [.endMissing])
        }
        #expect(whole.header.notes.isEmpty)
    }

    /// What follows a segment is none of it: a length too small for the name that stands there was a trap.
    @Test(
        arguments: [(UInt8(0xE1), "Exif\0\0"), (0xE2, "ICC_PROFILE\0"), (0xEE, "Adobe")], 0...6)
    func `a segment that ends within or before its name is refused or passed over`(
        segment: (marker: UInt8, name: String), length: Int
    ) throws {
        let (marker, name) = segment
        let file = try ImageFixture.bytes("plain.jpg")
        let short = [0xFF, marker] + WrittenFile.big(length, 2) + Array(name.utf8) + Self.exif(6, prefix: false)
        let error = #expect(throws: ImagingError.self) { try ImageDecoder.inspect(file[..<2] + short + file[2...]) }
        #expect([.corrupt, .truncated].contains(error?.code))
        let cut = Self.segment(marker, Array(name.utf8.prefix(max(0, length - 2))))
        #expect(try ImageDecoder.inspect(file[..<2] + cut + file[2...]).orientation == 1)
    }

    @Test(arguments: files)
    func `a trailer of the camera's maker in place of the end, or behind it, is passed over`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        let whole = try ImageDecoder.decode(file)
        let trailers: [[UInt8]] = [
            Array("SEFT and what the maker wrote".utf8), Array(repeating: 0, count: 700),
            [0xFF, 0xE5, 0xFF, 0xFF, 1, 2],
            [0x12, 0xFF, 0x00, 0xFF, 0xC0, 0x00, 0x03, 0x01, 0xFF],
        ]
        for trailer in trailers {
            #expect(try ImageDecoder.decode(file + trailer) == whole)
            #expect(try ImageDecoder.decode(file.dropLast(2) + trailer) == whole, "\(trailer.prefix(6))")
        }
    }

    @Test func `a progressive file that lacks a scan is incomplete, with and without its end mark`() throws {
        let file = try ImageFixture.bytes("progressive.jpg")
        let scans = file.indices.dropLast().filter { file[$0] == 0xFF && file[$0 + 1] == 0xDA }
        let last = try #require(scans.last)
        // Up to the last scan, or to the end of its header.
        for cut in [last, last + 10] {
            let error = #expect(throws: ImagingError.self) { try ImageDecoder.decode(Array(file[..<cut])) }
            #expect(error?.code == .truncated, "\(cut) of \(file.count)")
        }
    }

    @Test func `zeros between segments are passed over`() throws {
        let file = try ImageFixture.bytes("plain.jpg")
        let whole = try ImageDecoder.decode(file)
        var padded = Array(file[..<2])
        var offset = 2
        while file[offset + 1] != 0xDA {
            let end = offset + 2 + Int(file[offset + 2]) << 8 + Int(file[offset + 3])
            // The first three bytes tell that it is a JPEG file.
            padded += [UInt8](repeating: 0, count: offset == 2 ? 0 : 1 + offset % 5) + file[offset..<end]
            offset = end
        }
        padded += [0, 0, 0] + file[offset...]
        #expect(padded.count > file.count + 5)
        #expect(try ImageDecoder.decode(padded) == whole)
    }

    @Test func `of two EXIF blocks the first counts`() throws {
        let file = try ImageFixture.bytes("plain.jpg")
        for (first, second) in [(6, 1), (1, 6), (3, 8)] as [(UInt8, UInt8)] {
            let blocks = Self.segment(0xE1, Self.exif(first)) + Self.segment(0xE1, Self.exif(second))
            let header = try ImageDecoder.inspect(Array(file[..<2]) + blocks + file[2...])
            #expect(header.orientation == Int(first))
        }
        // Adobe's XMP comes in the same kind of segment and is none.
        let mixed =
            Self.segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x/>".utf8)) + Self.segment(0xE1, Self.exif(6))
        #expect(try ImageDecoder.inspect(Array(file[..<2]) + mixed + file[2...]).orientation == 6)
    }

    @Test(arguments: [true, false])
    func `EXIF in WebP and PNG files counts with and without the prefix of JPEG`(hasPrefix: Bool) throws {
        let block = Self.exif(6, prefix: hasPrefix)
        let png = ProfiledFile.png(try ImageFixture.bytes("plain.png"), [("eXIf", block)])
        #expect(try ImageDecoder.inspect(png).orientation == 6)
        let lossless = try ImageFixture.bytes("lossless.webp")
        var body = Array("WEBPVP8X".utf8) + WrittenFile.little(10, 4) + [0x08, 0, 0, 0]
        body += WrittenFile.little(ImageFixture.width - 1, 3) + WrittenFile.little(ImageFixture.height - 1, 3)
        body += lossless[12...] + Array("EXIF".utf8) + WrittenFile.little(block.count, 4) + block
        let webP = Array("RIFF".utf8) + WrittenFile.little(body.count, 4) + body
        let image = try ImageDecoder.decodeWithHeader(webP)
        #expect(image.header.orientation == 6)
        #expect(image.image.width == ImageFixture.height)
    }
}
