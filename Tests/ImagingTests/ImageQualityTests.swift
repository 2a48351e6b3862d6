import Findings
import Imaging
import Testing

@Suite struct ImageQualityTests {
    @Test func `a flat picture has no sharpness and no contrast`() {
        let quality = ImageQuality.assess(ImageFixture.flat(width: 40, height: 40, 51, 51, 51))
        #expect(quality.sharpness == 0)
        #expect(quality.contrast == 0)
        #expect(abs(quality.brightness - 0.2) < 1e-9)
        #expect(quality.stainedFraction == 0)
        #expect(quality.clippedFraction == 0)
    }

    @Test func `contrast of half black, half white is one half, and all of it is clipped`() {
        var image = ImageFixture.flat(width: 40, height: 40, 0, 0, 0)
        for index in (image.pixels.count / 2)..<image.pixels.count { image.pixels[index] = 255 }
        let quality = ImageQuality.assess(image)
        #expect(abs(quality.contrast - 0.5) < 1e-9)
        #expect(abs(quality.brightness - 0.5) < 1e-9)
        #expect(quality.clippedFraction == 1)
        #expect(quality.backgroundFraction == 0.5)
    }

    @Test func `purple counts as stain, glass as background, green as neither`() {
        var image = ImageFixture.flat(width: 40, height: 40, 245, 245, 250)
        for index in 0..<400 { image.pixels.replaceSubrange((index * 3)..<(index * 3 + 3), with: [110, 60, 170]) }
        for index in 400..<800 { image.pixels.replaceSubrange((index * 3)..<(index * 3 + 3), with: [40, 160, 40]) }
        let quality = ImageQuality.assess(image)
        #expect(quality.stainedFraction == 0.25)
        #expect(quality.backgroundFraction == 0.5)
    }

    @Test func `blur lowers sharpness`() throws {
        let image = ImageFixture.textured(width: 96, height: 96)
        let blurred = try image.resized(width: 24, height: 24).resized(width: 96, height: 96)
        #expect(ImageQuality.assess(blurred).sharpness < ImageQuality.assess(image).sharpness * 0.2)
    }
}
