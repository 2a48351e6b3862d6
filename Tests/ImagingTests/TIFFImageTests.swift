import Findings
import Imaging
import Testing

@Suite struct TIFFImageTests {
    private static let picture = ImageFixture.textured(width: 45, height: 37)

    private func decoded(_ pages: WrittenTIFF.Page..., big: Bool = false) throws -> DecodedImage {
        try ImageDecoder.decodeWithHeader(WrittenTIFF(pages: pages, isBigTIFF: big).bytes)
    }

    @Test(arguments: [false, true], [false, true])
    func `strips and tiles, together and apart, in both byte orders, are the picture`(isBig: Bool, isApart: Bool) throws
    {
        for tileSide in [nil, 16] {
            for isBigEndian in [false, true] {
                var page = WrittenTIFF.Page(Self.picture)
                (page.isApart, page.tileSide) = (isApart, tileSide)
                let file = WrittenTIFF(pages: [page], isBigEndian: isBigEndian, isBigTIFF: isBig).bytes
                let image = try ImageDecoder.decodeWithHeader(file)
                #expect(image.image == Self.picture, "tiles of \(tileSide ?? 0), big-endian \(isBigEndian)")
                #expect(image.header.notes.isEmpty)
            }
        }
    }

    @Test(arguments: [1, 2, 3], [false, true])
    func `samples without a meaning are left out, and told`(count: Int, isApart: Bool) throws {
        for tags in [[:], [338: Array(repeating: 0, count: count)]] {
            var page = WrittenTIFF.Page(Self.picture, extra: Array(repeating: 7, count: count))
            (page.tags, page.isApart) = (tags, isApart)
            let image = try decoded(page)
            #expect(image.image == Self.picture)
            #expect(image.header.notes == [.samplesDropped(count: count)])
            #expect(!image.header.hasAlpha)
        }
    }

    @Test(arguments: [1, 2])
    func `alpha lies over white, multiplied in or not, also behind a sample without a meaning`(kind: Int) throws {
        var page = WrittenTIFF.Page(ImageFixture.flat(width: 40, height: 40, 100, 50, 0), extra: [9, 128])
        page.tags = [338: [0, kind]]
        let image = try decoded(page)
        #expect(image.header.notes == [.samplesDropped(count: 1)])
        // 100 · 128 / 255 + 127, or 100 + 127.
        #expect(ImageFixture.color(image.image, 3, 3) == (kind == 1 ? [227, 177, 127] : [177, 152, 127]))
    }

    private static func wide(bits: Int, tags: [Int: [Int]] = [:], most: Int? = nil) -> WrittenTIFF.Page {
        let range = (1 << bits) - 1
        var page = WrittenTIFF.Page(
            width: 40, height: 40, bits: 16,
            values: (0..<1600).flatMap { [range * ($0 % 40) / 39, range / 2, most ?? range] })
        page.tags = tags
        return page
    }

    @Test(arguments: [8, 10, 12, 14])
    func `fewer bits in 16 are stretched to the whole range, and told`(bits: Int) throws {
        let image = try decoded(Self.wide(bits: bits))
        #expect(image.header.notes == [.fewerBits(bits: bits)])
        #expect(ImageFixture.color(image.image, 39, 0) == [255, 127, 255])
        #expect(ImageFixture.color(image.image, 0, 39) == [0, 127, 255])
    }

    @Test func `16 bits stay what they are, and a stated greatest value counts`() throws {
        let whole = try decoded(Self.wide(bits: 16))
        #expect(whole.header.notes.isEmpty)
        #expect(ImageFixture.color(whole.image, 39, 0) == [255, 127, 255])
        // A dark field of a 12-bit camera, whose lamp is at a quarter.
        let dark = try decoded(Self.wide(bits: 10, tags: [281: [4095, 4095, 4095]]))
        #expect(dark.header.notes == [.fewerBits(bits: 12)])
        #expect(ImageFixture.color(dark.image, 39, 0) == [64, 32, 64])
        // One that says that 16 bits are meant is believed.
        let darker = try decoded(Self.wide(bits: 10, tags: [281: [65535, 65535, 65535]]))
        #expect(darker.header.notes.isEmpty)
        #expect(ImageFixture.color(darker.image, 39, 0) == [4, 2, 4])
    }

    @Test(arguments: [(8, 8), (8, 16), (9, 8), (9, 16)])
    func `Lab becomes sRGB`(photometric: Int, bits: Int) throws {
        // CIE 15: sRGB's red, and a middle grey, by their L*, a*, b* under D50.
        for (lab, expected) in [([54.29, 80.81, 69.89], [255, 0, 0]), ([53.39, 0, 0], [127, 127, 127])] {
            let scaled =
                switch (photometric, bits) {
                case (8, 8): [lab[0] * 2.55, lab[1], lab[2]]
                case (8, 16): [lab[0] * 655.35, lab[1] * 256, lab[2] * 256]
                case (9, 8): [lab[0] * 2.55, lab[1] + 128, lab[2] + 128]
                default: [lab[0] * 652.8, (lab[1] + 128) * 256, (lab[2] + 128) * 256]
                }
            let sample = scaled.map { Int($0.rounded()) & ((1 << bits) - 1) }
            let page = WrittenTIFF.Page(
                width: 33, height: 33, bits: bits, photometric: photometric,
                values: (0..<33 * 33).flatMap { _ in sample })
            let image = try decoded(page)
            let found = ImageFixture.color(image.image, 16, 16)
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 3 }, "\(found)")
            #expect(image.header.notes == [.coloursConverted])
        }
    }

    @Test func `grey, white at zero, and printing inks become RGB`() throws {
        let cases = [
            (0, 1, 8, [55], [200, 200, 200]), (1, 1, 8, [55], [55, 55, 55]), (0, 1, 16, [0], [255, 255, 255]),
        ]
        for (photometric, samples, bits, value, expected) in cases + [(5, 4, 8, [0, 255, 0, 0], [255, 0, 255])] {
            let page = WrittenTIFF.Page(
                width: 32, height: 32, bits: bits, samples: samples, photometric: photometric,
                values: (0..<1024).flatMap { _ in value })
            #expect(try ImageFixture.color(decoded(page).image, 5, 5) == expected)
        }
    }

    private static func page(_ side: Int, _ red: UInt8, kind: Int? = nil) -> WrittenTIFF.Page {
        var page = WrittenTIFF.Page(ImageFixture.flat(width: side, height: side, red, 0, 0))
        if let kind { page.tags = [254: [kind]] }
        return page
    }

    @Test(arguments: [false, true])
    func `of several pages the first of the largest full ones is read, and their number is told`(isBig: Bool) throws {
        let pages = [
            Self.page(40, 10), Self.page(90, 20, kind: 1), Self.page(60, 30), Self.page(60, 40),
            Self.page(80, 50, kind: 4),
        ]
        let image = try ImageDecoder.decodeWithHeader(WrittenTIFF(pages: pages, isBigTIFF: isBig).bytes)
        #expect(image.image == ImageFixture.flat(width: 60, height: 60, 30, 0, 0))
        #expect(image.header.notes == [.pages(count: 5, shown: 3)])
    }

    @Test func `stacks of ImageJ and OME are told with their channels`() throws {
        var first = Self.page(40, 10)
        first.description = "ImageJ=1.53t\nimages=3\nchannels=3\nmode=composite\n"
        let stack = try decoded(first, Self.page(40, 20), Self.page(40, 30))
        #expect(stack.header.notes == [.stack(.imageJ, pages: 3, channels: 3)])
        #expect(ImageFixture.color(stack.image, 3, 3) == [10, 0, 0])
        // One directory for a thousand images, as ImageJ writes large ones.
        first.description = "ImageJ=1.53t\nimages=1000\nslices=1000\n"
        #expect(try decoded(first).header.notes == [.stack(.imageJ, pages: 1000, channels: 1)])
        first.description = #"<?xml version="1.0"?><OME xmlns="x"><Image><Pixels SizeC="2" SizeZ="1"/></Image></OME>"#
        #expect(try decoded(first, Self.page(40, 20)).header.notes == [.stack(.ome, pages: 2, channels: 2)])
        #expect(try decoded(first).header.notes == [])
    }

    @Test func `pages that lead back to themselves end`() throws {
        var file = WrittenTIFF(pages: [Self.page(40, 10), Self.page(40, 20)]).bytes
        let first = Array(file[4..<8])
        file.replaceSubrange((file.count - 4)..<file.count, with: first)
        #expect(try ImageDecoder.decodeWithHeader(file).header.notes == [.pages(count: 2, shown: 1)])
    }

    @Test func `a raw file of a camera is named, not its small copy shown`() throws {
        var small = Self.page(40, 10, kind: 1)
        small.tags[330] = [8]
        var digitalNegative = Self.page(40, 10)
        digitalNegative.tags = [50706: [1, 4]]
        for page in [small, digitalNegative] {
            let error = #expect(throws: ImagingError.self) { try self.decoded(page) }
            #expect(error?.foreign == .cameraRaw)
        }
    }

    @Test func `an unknown kind of colour is unsupported, not damage`() throws {
        let page = WrittenTIFF.Page(
            width: 40, height: 40, photometric: 32844, values: Array(repeating: 1, count: 4800))
        #expect(#expect(throws: ImagingError.self) { try self.decoded(page) }?.code == .unsupported)
    }

    @Test func `tiles that need more memory than an image may have are refused by their size`() throws {
        var page = WrittenTIFF.Page(
            width: 64, height: 64, samples: 3, values: Array(repeating: 1, count: 64 * 64 * 3))
        page.tags = [322: [8192], 323: [8192], 324: [8], 325: [64]]
        let error = #expect(throws: ImagingError.self) { try self.decoded(page) }
        #expect(error?.code == .tooMuchMemory)
        page.tags[323] = [9000]
        #expect(#expect(throws: ImagingError.self) { try self.decoded(page) }?.code == .corrupt)
    }
}
