import Findings
import Imaging
import Testing

@Suite struct HEICImageTests {
    private func decoded(_ name: String) throws -> DecodedImage {
        try ImageDecoder.decodeWithHeader(ImageFixture.bytes(name))
    }

    @Test(arguments: [8, 10, 12])
    func `8, 10 and 12 bits show the drawn scene`(bits: Int) throws {
        let image = try decoded("plain-\(bits).heic")
        #expect(image.header.format == .heic)
        #expect(image.header.bitsPerSample == bits)
        #expect(image.image.width == ImageFixture.width)
        #expect(image.image.height == ImageFixture.height)
        #expect(ImageFixture.difference(ImageFixture.centers(image.image), ImageFixture.quadrants) <= 4)
        #expect(image.header.notes.isEmpty)
    }

    @Test func `the file's own rotation is applied once`() throws {
        let image = try decoded("orientation-6.heic")
        #expect(image.header.orientation == 1)
        #expect(image.header.width == ImageFixture.width)
        #expect(image.image.width == ImageFixture.width)
        #expect(ImageFixture.difference(ImageFixture.centers(image.image), ImageFixture.quadrants) <= 4)
    }

    @Test func `transparent parts lie over white`() throws {
        let image = try decoded("alpha.heic")
        #expect(image.header.hasAlpha)
        let white = [255, 255, 255]
        let expected = [ImageFixture.quadrants[0], white, ImageFixture.quadrants[2], white]
        #expect(ImageFixture.difference(ImageFixture.centers(image.image), expected) <= 4)
    }

    @Test func `of two pictures the main one is read, and their number is told`() throws {
        let image = try decoded("two.heic")
        #expect(image.image.width == ImageFixture.width)
        #expect(image.header.notes == [.pictures(count: 2)])
    }

    @Test func `an ICC profile is applied`() throws {
        let image = try decoded("adobe-rgb.heic")
        #expect(image.header.notes == [.coloursConverted])
        let expected = ImageFixture.quadrants.map { ProfiledFile.Space.adobe.inSRGB($0.map { UInt8($0) }) }
        #expect(ImageFixture.difference(ImageFixture.centers(image.image), expected) <= 8)
        #expect(ImageFixture.difference(expected, ImageFixture.quadrants) > 25)
    }

    @Test func `codes of primaries and curve are applied`() throws {
        let image = try decoded("display-p3.heic")
        #expect(image.header.notes == [.coloursConverted])
        // Red of Display P3 is a stronger red than that of sRGB, and its green a stronger green.
        let centers = ImageFixture.centers(image.image)
        #expect(centers[0][0] > ImageFixture.quadrants[0][0] + 8)
        #expect(centers[1][0] < ImageFixture.quadrants[1][0])
    }

    @Test func `the curve of film with a high dynamic range is told and not applied`() throws {
        let image = try decoded("hdr.heic")
        #expect(image.header.notes == [.profileIgnored(.unknownCurve)])
        #expect(ImageFixture.difference(ImageFixture.centers(image.image), ImageFixture.quadrants) <= 4)
    }

    @Test func `a file costs what its picture has, not what its boxes promise, and is refused`() throws {
        let file = try ImageFixture.bytes("larger-inside.heic")
        let header = try ImageDecoder.inspect(file)
        #expect(header.width == 64 && header.height == 64)
        #expect(try ImageDecoder.cost(of: file) > 4096 * 4096 * 6)
        let few = ImageLimits(maximumWorkingBytes: 50_000_000)
        #expect(
            #expect(throws: ImagingError.self) { try ImageDecoder.decode(file, limits: few) }?.code == .tooMuchMemory)
    }

    @Test func `parameters of a larger picture among the pictures count too`() throws {
        let plain = try ImageFixture.bytes("plain-8.heic")
        let set = try Self.largeSet()
        #expect(try ImageDecoder.cost(of: plain) < 1_000_000)
        #expect(try ImageDecoder.cost(of: plain + Self.unit(set)) > 4096 * 4096 * 6)
        // As the decoder takes them too: the first bit set, no temporal layer, padded.
        #expect(try ImageDecoder.cost(of: plain + Self.unit([0xC2] + set.dropFirst())) > 4096 * 4096 * 6)
        #expect(try ImageDecoder.cost(of: plain + Self.unit([0x42, 0] + set.dropFirst(2))) > 4096 * 4096 * 6)
        let padded = set + [UInt8](repeating: 0, count: 2000 - set.count)
        #expect(try ImageDecoder.cost(of: plain + Self.unit(padded)) > 4096 * 4096 * 6)
    }

    @Test func `many parameter sets over one another still give the size of the largest`() throws {
        let plain = try ImageFixture.bytes("plain-8.heic")
        // Each says that it is as long as two bytes can tell, and those after it begin within it.
        let many = (0..<20_000).flatMap { _ in [0, 0, 0xFF, 0xFF, 0x42, 1] as [UInt8] }
        let end = [UInt8](repeating: 0xFF, count: 65_535)
        #expect(try ImageDecoder.cost(of: plain + Self.box(many + end)) < 1_000_000)
        let large = try Self.unit(Self.largeSet())
        #expect(try ImageDecoder.cost(of: plain + Self.box(many + end + large + end)) > 4096 * 4096 * 6)
    }

    /// A box that readers pass over.
    private static func box(_ content: [UInt8]) -> [UInt8] {
        let length = 8 + content.count
        return twoBytes(length >> 16) + twoBytes(length & 0xFFFF) + Array("free".utf8) + content
    }

    /// A unit as it stands among the pictures: behind its length in four bytes.
    private static func unit(_ bytes: [UInt8]) -> [UInt8] { [0, 0] + twoBytes(bytes.count) + bytes }

    private static func twoBytes(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

    /// The parameter set of a picture of 4096 × 4096 pixels.
    private static func largeSet() throws -> [UInt8] {
        let large = try ImageFixture.bytes("larger-inside.heic")
        // Type 33 behind its length in two bytes, as properties hold it.
        let start = try #require(
            large.indices.dropFirst(2).dropLast().first {
                large[$0] == 0x42 && large[$0 + 1] == 1 && large[$0 - 2] == 0 && large[$0 - 1] > 8
            })
        return Array(large[start..<(start + Int(large[start - 1]))])
    }

    @Test(arguments: ["plain-8.heic", "orientation-6.heic"])
    func `a file cut anywhere is an error`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        for length in 1..<file.count {
            #expect(throws: ImagingError.self, "\(length) of \(file.count) bytes") {
                try ImageDecoder.decode(Array(file.prefix(length)))
            }
        }
    }
}
