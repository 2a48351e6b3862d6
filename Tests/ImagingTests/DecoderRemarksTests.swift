import Foundation
import Imaging
import Testing

struct DecoderRemarksTests {
    private func decoded(_ file: [UInt8]) throws -> (RGBImage, remarks: [String]) {
        try DecoderRemarks.keeping { try ImageDecoder.decode(file) }
    }

    /// A chunk with a checksum that is none, after the header of a PNG file.
    private func withDamagedChunk(_ file: [UInt8]) -> [UInt8] {
        let chunk = WrittenFile.big(9, 4) + Array("pHYs".utf8) + [UInt8](repeating: 1, count: 9) + [0, 0, 0, 0]
        return Array(file[..<33]) + chunk + Array(file[33...])
    }

    @Test(arguments: ["plain.png", "plain.jpg", "plain.tiff", "lossless.webp", "plain.bmp", "plain-8.heic"])
    func `nothing is remarked on a whole file`(name: String) throws {
        #expect(try decoded(ImageFixture.bytes(name)).remarks == [])
    }

    @Test func `libpng remarks on a damaged piece of metadata, once, and the picture is the same`() throws {
        let whole = try ImageFixture.bytes("plain.png")
        let found = try decoded(withDamagedChunk(withDamagedChunk(whole)))
        #expect(found.remarks == ["libpng: pHYs: CRC error"])
        #expect(found.0 == (try ImageDecoder.decode(whole)))
    }

    @Test func `libjpeg remarks on bytes that belong to nothing`() throws {
        let whole = try ImageFixture.bytes("plain.jpg")
        let found = try decoded(Array(whole.dropLast(2)) + [1, 2, 3] + whole.suffix(2))
        #expect(found.remarks.count == 1)
        #expect(found.remarks.first?.hasPrefix("libjpeg: Corrupt JPEG data: ") == true, "\(found.remarks)")
    }

    @Test func `libtiff remarks on tags, without what it quotes, and on four at most`() throws {
        let image = ImageFixture.textured(width: 48, height: 40)
        var page = WrittenTIFF.Page(image)
        page.tags = [315: [65]]
        let artist = try decoded(WrittenTIFF(pages: [page]).bytes)
        #expect(artist.remarks.count == 1)
        let words = artist.remarks.first ?? ""
        #expect(words.hasPrefix("libtiff: ") && words.contains("\"\"") && !words.contains("Artist"), "\(words)")
        page.tags = Dictionary(uniqueKeysWithValues: (65_000..<65_009).map { ($0, [1]) })
        let many = try decoded(WrittenTIFF(pages: [page]).bytes)
        #expect(many.remarks.count == 4)
        #expect(
            many.remarks.allSatisfy { $0.hasPrefix("libtiff: Unknown field with tag 6500") && $0.utf8.count <= 160 })
        #expect(many.0 == image)
    }

    @Test func `remarks belong to the file that is read, and a file that is refused leaves none`() throws {
        let damaged = withDamagedChunk(try ImageFixture.bytes("plain.png"))
        _ = try ImageDecoder.decode(damaged)
        #expect(throws: ImagingError.self) { try decoded(Array(damaged.prefix(damaged.count / 2))) }
        #expect(try decoded(ImageFixture.bytes("plain.png")).remarks == [])
    }
}
