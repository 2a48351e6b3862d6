import Findings
import Foundation
import Imaging
import Testing

/// Files that failed people, beside the repository; derived from clinical images, and so never in it.
@Suite struct CollectedCasesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/cases").standardizedFileURL
    private static let isThere = FileManager.default.fileExists(atPath: folder.path)
    private static let absence: Comment = "the collected cases (../shared/cases) are not beside the repository"

    private static func decoded(_ name: String) throws -> DecodedImage {
        try ImageDecoder.decodeWithHeader([UInt8](Data(contentsOf: folder.appending(path: name))))
    }

    @Test(
        .enabled(if: isThere, absence),
        arguments: [
            ("tiff/rgb.tif", "tiff/plain.png", [ImageNote]()),
            ("tiff/rgb+mask.tif", "tiff/plain.png", [.samplesDropped(count: 1)]),
            ("tiff/rgb+two.tif", "tiff/plain.png", [.samplesDropped(count: 2)]),
            ("tiff/bigtiff.tif", "tiff/plain.png", []),
            ("tiff/thumbnail-first.tif", "tiff/plain.png", [.pages(count: 2, shown: 2)]),
            ("bmp/v4-rgba.bmp", "bmp/reference.png", []), ("bmp/bitfields-rgbx.bmp", "bmp/reference.png", []),
            ("jpeg/zeros-between-segments.jpg", "jpeg/reference.png", []),
        ])
    func `a file that failed is the picture it is`(name: String, reference: String, notes: [ImageNote]) throws {
        let image = try Self.decoded(name)
        #expect(try image.image == Self.decoded(reference).image)
        #expect(image.header.notes == notes)
    }

    @Test(.enabled(if: isThere, absence)) func `of two EXIF blocks the first turns the picture`() throws {
        let image = try Self.decoded("jpeg/two-exif.jpg")
        let stored = try Self.decoded("jpeg/reference.png").image
        #expect(image.header.orientation == 6)
        #expect(image.image.width == stored.height)
        // A quarter clockwise: the lower left corner comes to the upper left.
        for (x, y) in [(0, 0), (7, 30), (stored.width - 1, stored.height - 1)] {
            #expect(
                ImageFixture.color(image.image, stored.height - 1 - y, x) == ImageFixture.color(stored, x, y))
        }
    }

    @Test(.enabled(if: isThere, absence), arguments: ["adobe.jpg", "prophoto.png"])
    func `another colour space is sRGB within two levels`(name: String) throws {
        let image = try Self.decoded("colour-profile/\(name)")
        let original = try Self.decoded("colour-profile/srgb.png")
        let differences = zip(image.image.pixels, original.image.pixels).map { abs(Int($0) - Int($1)) }
        // A JPEG file loses some levels by itself.
        let mean = Double(differences.reduce(0, +)) / Double(differences.count)
        #expect(mean <= (name.hasSuffix("png") ? 1 : 2))
        if name.hasSuffix("png") { #expect((differences.max() ?? .max) <= 2) }
        #expect(image.header.notes == [.coloursConverted])
    }

    @Test(.enabled(if: isThere, absence)) func `a stack of ImageJ tells its pages and channels`() throws {
        #expect(try Self.decoded("tiff/imagej-composite.tif").header.notes == [.stack(.imageJ, pages: 3, channels: 3)])
    }
}
