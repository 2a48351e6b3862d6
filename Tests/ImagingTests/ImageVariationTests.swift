import Foundation
import Imaging
import Testing

@Suite struct ImageVariationTests {
    private func mean(_ image: RGBImage, _ channel: Int) -> Double {
        let values = stride(from: channel, to: image.pixels.count, by: 3).map { Double(image.pixels[$0]) }
        return values.reduce(0, +) / Double(values.count)
    }

    @Test(arguments: ImageVariation.allCases)
    func `keeps the size and changes the image, the same way each time`(_ variation: ImageVariation) throws {
        let image = try DrawnSmear.draw(class: 2, seed: 5, side: 96)
        let once = try variation.apply(to: image, networkSide: 96)
        #expect(once.width == 96 && once.height == 96)
        #expect(once != image)
        #expect(try variation.apply(to: image, networkSide: 96) == once)
    }

    @Test func `colours go where the arithmetic says`() throws {
        let image = ImageFixture.flat(width: 8, height: 8, 200, 100, 50)
        func colour(_ variation: ImageVariation) throws -> [Int] {
            ImageFixture.color(try variation.apply(to: image, networkSide: 8), 2, 2)
        }
        // Luma 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2.
        #expect(try colour(.greyscale) == [124, 124, 124])
        // 124.2 + 1.4 · (channel − 124.2), and with 0.6.
        #expect(try colour(.saturated) == [230, 90, 20])
        #expect(try colour(.desaturated) == [170, 110, 80])
        #expect(try colour(.warmer) == [220, 100, 45])
        #expect(try colour(.cooler) == [180, 100, 55])
        // Half a grey level is rounded to the even one.
        #expect(try colour(.brighter) == [226, 126, 76])
        #expect(try colour(.darker) == [174, 74, 24])
    }

    @Test func `a turn of the hue keeps greys and the mean of a colour, and its reverse undoes it`() throws {
        let grey = ImageFixture.flat(width: 4, height: 4, 90, 90, 90)
        let purple = ImageFixture.flat(width: 4, height: 4, 120, 60, 150)
        for variation in [ImageVariation.hueForward, .hueBackward] {
            #expect(try variation.apply(to: grey, networkSide: 4) == grey)
            let turned = ImageFixture.color(try variation.apply(to: purple, networkSide: 4), 0, 0)
            #expect(abs(turned.reduce(0, +) - 330) <= 2)
            #expect(turned != [120, 60, 150])
        }
        let there = try ImageVariation.hueForward.apply(to: purple, networkSide: 4)
        let back = ImageFixture.color(try ImageVariation.hueBackward.apply(to: there, networkSide: 4), 0, 0)
        for (value, expected) in zip(back, [120, 60, 150]) { #expect(abs(value - expected) <= 1) }
        // Towards yellow: the red of a purple grows.
        #expect(ImageFixture.color(there, 0, 0)[0] > 120)
    }

    @Test func `only the corner of the scale bar is masked`() throws {
        let image = ImageFixture.textured(width: 100, height: 50)
        let masked = try ImageVariation.scaleBarMasked.apply(to: image, networkSide: 100)
        for y in 0..<50 {
            for x in 0..<100 {
                let expected = x >= 84 && y >= 42 ? [124, 116, 104] : ImageFixture.color(image, x, y)
                #expect(ImageFixture.color(masked, x, y) == expected)
            }
        }
    }

    @Test func `blur is as strong as on the network's own size`() throws {
        var dot = ImageFixture.flat(width: 128, height: 128, 0, 0, 0)
        for y in 62..<66 { for x in 62..<66 { for c in 0..<3 { dot.pixels[(y * 128 + x) * 3 + c] = 255 } } }
        /// Standard deviation across, of the light in the picture.
        func spread(_ image: RGBImage) -> Double {
            var (sum, squares) = (0.0, 0.0)
            for y in 0..<128 {
                for x in 0..<128 {
                    let light = Double(ImageFixture.color(image, x, y)[0])
                    sum += light
                    squares += light * (Double(x) - 63.5) * (Double(x) - 63.5)
                }
            }
            return (squares / sum).squareRoot()
        }
        // The dot's own variance is (4² − 1) / 12.
        let own = 1.25
        let fine = try spread(ImageVariation.blurred.apply(to: dot, networkSide: 128))
        let coarse = try spread(ImageVariation.blurred.apply(to: dot, networkSide: 64))
        #expect(abs((fine * fine - own).squareRoot() - 1.5) < 0.1)
        #expect(abs((coarse * coarse - own).squareRoot() - 3) < 0.25)
    }

    @Test func `what cannot be changed is refused`() {
        let image = ImageFixture.flat(width: 2, height: 2, 1, 2, 3)
        #expect(throws: ImagingError.self) { try ImageVariation.blurred.apply(to: image, networkSide: 0) }
        #expect(throws: ImagingError.self) { try image.blurred(deviation: 0) }
        #expect(throws: ImagingError.self) { try image.blurred(deviation: .nan) }
        let nothing = RGBImage(width: 0, height: 0, pixels: [])
        #expect(throws: ImagingError.self) { try ImageVariation.greyscale.apply(to: nothing, networkSide: 4) }
    }

    @Test func `stain shifts are those of colour alone`() {
        let shifts = Set(ImageVariation.allCases.filter(\.isStainShift))
        #expect(shifts == [.hueForward, .hueBackward, .saturated, .desaturated, .warmer, .cooler])
    }
}
