import Imaging
import Testing

@Suite struct ImageDecoderTests {
    @Test(
        arguments: [
            ("plain.jpg", ImageFormat.jpeg, 3), ("progressive.jpg", .jpeg, 3), ("plain.png", .png, 0),
            ("plain.bmp", .bmp, 0), ("plain.tiff", .tiff, 0), ("lossless.webp", .webp, 0), ("lossy.webp", .webp, 12),
            ("palette.png", .png, 0), ("palette.bmp", .bmp, 0), ("cmyk.jpg", .jpeg, 6), ("cmyk.tiff", .tiff, 2),
        ])
    func `every accepted format shows the drawn scene`(name: String, format: ImageFormat, tolerance: Int) throws {
        let decoded = try ImageDecoder.decodeWithHeader(ImageFixture.bytes(name))
        #expect(decoded.header.format == format)
        #expect(decoded.image.width == ImageFixture.width)
        #expect(decoded.image.height == ImageFixture.height)
        #expect(ImageFixture.difference(ImageFixture.centers(decoded.image), ImageFixture.quadrants) <= tolerance)
    }

    @Test(arguments: 1...8)
    func `all eight EXIF orientations are undone once`(orientation: Int) throws {
        for suffix in ["jpg", "tiff"] {
            let decoded = try ImageDecoder.decodeWithHeader(ImageFixture.bytes("orientation-\(orientation).\(suffix)"))
            #expect(decoded.header.orientation == orientation, "\(suffix)")
            #expect(decoded.originalWidth == ImageFixture.width, "\(suffix)")
            #expect(decoded.image.width == ImageFixture.width, "\(suffix)")
            #expect(decoded.image.height == ImageFixture.height, "\(suffix)")
            let difference = ImageFixture.difference(ImageFixture.centers(decoded.image), ImageFixture.quadrants)
            #expect(difference <= 3, "\(suffix)")
        }
    }

    @Test(arguments: ["orientation-6.png", "orientation-6.webp"])
    func `the orientation of PNG and WebP files is undone too`(name: String) throws {
        let image = try ImageDecoder.decode(ImageFixture.bytes(name))
        #expect(image.width == ImageFixture.width)
        #expect(ImageFixture.difference(ImageFixture.centers(image), ImageFixture.quadrants) == 0)
    }

    @Test(
        arguments: ["grey.jpg", "grey.png", "grey16.png", "grey16.tiff"])
    func `grey images, 16-bit ones too, become three equal channels`(name: String) throws {
        let image = try ImageDecoder.decode(ImageFixture.bytes(name))
        // ITU-R BT.601 luma of the four colours.
        let expected = ImageFixture.quadrants.map { color -> [Int] in
            let luma = (299 * color[0] + 587 * color[1] + 114 * color[2] + 500) / 1000
            return [luma, luma, luma]
        }
        #expect(ImageFixture.difference(ImageFixture.centers(image), expected) <= 2)
    }

    @Test(arguments: ["alpha.png", "alpha.webp", "alpha.tiff"])
    func `transparent parts lie over white`(name: String) throws {
        let decoded = try ImageDecoder.decodeWithHeader(ImageFixture.bytes(name))
        #expect(decoded.header.hasAlpha)
        let white = [255, 255, 255]
        let expected = [ImageFixture.quadrants[0], white, ImageFixture.quadrants[2], white]
        #expect(ImageFixture.centers(decoded.image) == expected)
    }

    @Test func `an animated PNG gives its default picture`() throws {
        let decoded = try ImageDecoder.decodeWithHeader(ImageFixture.bytes("animated.png"))
        #expect(decoded.header.isAnimated)
        #expect(ImageFixture.centers(decoded.image) == ImageFixture.quadrants)
    }

    @Test(
        arguments: [
            (800, 600, 224, 400, 300), (800, 600, 75, 100, 75), (803, 601, 150, 201, 151), (800, 600, 301, 800, 600),
        ])
    func `a large photograph is decoded at the smallest fraction that keeps the side asked for`(
        width: Int, height: Int, side: Int, expectedWidth: Int, expectedHeight: Int
    ) throws {
        let original = ImageFixture.flat(width: width, height: height, 180, 120, 200)
        for file in [try ImageEncoder.jpeg(original, quality: 95), try ImageEncoder.png(original)] {
            let decoded = try ImageDecoder.decodeWithHeader(file, minimumSide: side)
            #expect(decoded.image.width == expectedWidth)
            #expect(decoded.image.height == expectedHeight)
            #expect(decoded.originalWidth == width)
            #expect(decoded.originalHeight == height)
            #expect(
                ImageFixture.difference(
                    ImageFixture.centers(decoded.image), .init(repeating: [180, 120, 200], count: 4)) <= 3)
        }
    }

    @Test func `the header is read without the image data`() throws {
        let start = Array(try ImageFixture.bytes("orientation-6.jpg").prefix(300))
        let header = try ImageDecoder.inspect(start)
        #expect(header.storedWidth == ImageFixture.height)
        #expect(header.width == ImageFixture.width)
        #expect(header.orientation == 6)
    }

    @Test func `eight tasks at once decode to identical pixels`() async throws {
        let file = try ImageEncoder.jpeg(ImageFixture.textured(width: 320, height: 240))
        let expected = try ImageDecoder.decode(file)
        try await withThrowingTaskGroup(of: RGBImage.self) { group in
            for _ in 0..<8 {
                group.addTask { try ImageDecoder.decode(file) }
            }
            for try await image in group {
                #expect(image == expected)
            }
        }
    }
}
