import Imaging
import Testing

@Suite struct ImageEncoderTests {
    @Test(arguments: [0, 1, 9])
    func `PNG keeps every pixel`(level: Int) throws {
        let image = ImageFixture.textured(width: 61, height: 47)
        #expect(try ImageDecoder.decode(ImageEncoder.png(image, level: level)) == image)
    }

    @Test func `JPEG comes close, and closer with more quality`() throws {
        let image = try ImageFixture.textured(width: 320, height: 240).resized(width: 64, height: 48)
        let errors = try [20, 60, 95].map { quality -> Int in
            let back = try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: quality))
            return zip(back.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.reduce(0, +)
        }
        #expect(errors[0] > errors[1] && errors[1] > errors[2])
        #expect(errors[2] / image.pixels.count < 15)
    }

    @Test func `impossible parameters are refused`() {
        let image = ImageFixture.flat(width: 4, height: 4, 0, 0, 0)
        #expect(throws: ImagingError.self) { try ImageEncoder.jpeg(image, quality: 0) }
        #expect(throws: ImagingError.self) { try ImageEncoder.png(image, level: 10) }
        #expect(throws: ImagingError.self) { try ImageEncoder.png(RGBImage(width: 0, height: 0, pixels: [])) }
    }
}
