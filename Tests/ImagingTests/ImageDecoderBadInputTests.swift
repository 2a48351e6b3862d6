import Imaging
import Testing

@Suite struct ImageDecoderBadInputTests {
    private func code(_ bytes: [UInt8], limits: ImageLimits = .default) -> ImagingError.Code? {
        do {
            _ = try ImageDecoder.decode(bytes, limits: limits)
            return nil
        } catch let error as ImagingError {
            return error.code
        } catch {
            Issue.record("\(error) is no ImagingError")
            return nil
        }
    }

    @Test func `no bytes, text and GIF are told apart`() throws {
        #expect(code([]) == .empty)
        #expect(code(Array("This is a letter, saved as smear.jpg".utf8)) == .unknownFormat)
        #expect(code(Array("BMW is a maker of cars, and no bitmap".utf8)) == .unknownFormat)
        #expect(code(try ImageFixture.bytes("animated.gif")) == .unknownFormat)
        #expect(code(try ImageFixture.bytes("animated.webp")) == .unsupported)
    }

    @Test(arguments: ["jpeg", "png"])
    func `one pixel is too small`(format: String) throws {
        let pixel = ImageFixture.flat(width: 1, height: 1, 255, 0, 0)
        let file = try format == "png" ? ImageEncoder.png(pixel) : ImageEncoder.jpeg(pixel)
        #expect(code(file) == .tooSmall)
        #expect(code(file, limits: ImageLimits(minimumSide: 1)) == nil)
    }

    @Test func `a header of 60,000 by 60,000 pixels is refused before anything is decoded`() throws {
        let side = 60_000
        let big: [UInt8] = [0, 0, UInt8(side >> 8), UInt8(side & 255)]
        let little: [UInt8] = big.reversed()
        var png = try ImageFixture.bytes("plain.png")
        png.replaceSubrange(16..<24, with: big + big)
        var bmp = try ImageFixture.bytes("plain.bmp")
        bmp.replaceSubrange(18..<26, with: little + little)
        var jpeg = try ImageFixture.bytes("plain.jpg")
        let frame = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: big.suffix(2) + big.suffix(2))
        for file in [png, bmp, jpeg, Array(png.prefix(33))] {
            #expect(throws: ImagingError.self) { try ImageDecoder.decode(file) }
            #expect(code(file) == .tooManyPixels)
        }
        do {
            _ = try ImageDecoder.decode(png)
        } catch let error as ImagingError {
            #expect(error.width == side)
            #expect(error.limit == 60_000_000)
        }
    }

    @Test func `a file over the limit is refused by its length alone`() {
        #expect(code([UInt8](repeating: 0, count: 101), limits: ImageLimits(maximumBytes: 100)) == .tooManyBytes)
        #expect(code([UInt8](repeating: 0, count: 100), limits: ImageLimits(maximumBytes: 100)) == .unknownFormat)
    }

    @Test(
        arguments: [
            "plain.jpg", "progressive.jpg", "orientation-6.jpg", "cmyk.jpg", "plain.png", "palette.png", "plain.bmp",
            "lossless.webp", "lossy.webp", "alpha.webp",
        ])
    func `a file cut anywhere is an error, never a picture with grey parts`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        // A JPEG file whose end mark alone is missing is whole.
        let needed = name.hasSuffix("jpg") ? file.count - 2 : file.count
        for length in 1..<needed {
            #expect(code(Array(file.prefix(length))) != nil, "\(length) of \(file.count) bytes")
        }
        #expect(code(Array(file.prefix(needed - 1))) == .truncated)
        #expect(code(Array(file.prefix(file.count * 2 / 3))) == .truncated)
    }

    @Test(
        arguments: ["plain.tiff", "grey16.tiff", "cmyk.tiff"])
    func `a TIFF file whose strips lie beyond its end is truncated`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        #expect(code(file) == nil)
        #expect(code(Array(file.prefix(file.count - 8))) == .truncated)
        #expect(code(Array(file.prefix(file.count / 2))) == .truncated)
    }

    @Test func `a JPEG file that lost its middle is damaged although it ends well`() throws {
        let file = try ImageEncoder.jpeg(ImageFixture.textured(width: 128, height: 128))
        let gap = Array(file.prefix(file.count / 2)) + [0xFF, 0xD9]
        #expect(code(gap) == .corrupt)
    }

    @Test func `a wrong checksum in a PNG file is damage`() throws {
        var file = try ImageFixture.bytes("plain.png")
        file[file.count - 20] ^= 0xFF
        #expect(code(file) == .corrupt)
    }

    @Test(
        arguments: ["plain.jpg", "plain.png", "plain.bmp", "lossless.webp"])
    func `what follows the end of the image is ignored`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        let polyglot = file + Array("<script>alert(1)</script>PK\u{3}\u{4}".utf8)
        #expect(try ImageDecoder.decode(polyglot) == ImageDecoder.decode(file))
    }

    @Test func `messages name the format and the limit`() throws {
        let file = Array(try ImageFixture.bytes("plain.jpg").dropLast(10))
        let error = #expect(throws: ImagingError.self) { try ImageDecoder.decode(file) }
        #expect(error?.message == "the JPEG file ends before the image does")
        #expect(error?.format == .jpeg)
    }
}
