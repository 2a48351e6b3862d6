import Findings
import Foundation
import Imaging
import Testing

@Suite struct ImageAppearanceTests {
    @Test func `every figure has an aspect`() throws {
        let appearance = try ImageAppearance.measure(ImageFixture.textured(width: 60, height: 50))
        #expect(appearance.values.count == ImageAppearance.count)
        #expect(ImageAppearance.aspects.count == ImageAppearance.count)
        #expect(Set(ImageAppearance.aspects) == Set(AppearanceAspect.allCases))
        #expect(appearance.values.allSatisfy { $0.isFinite })
        #expect(try ImageAppearance.measure(ImageFixture.textured(width: 60, height: 50)) == appearance)
    }

    @Test func `a plain image has its colour and no detail`() throws {
        let values = try ImageAppearance.measure(ImageFixture.flat(width: 64, height: 64, 255, 255, 255)).values
        // All pixels share one step, so that a quantile lies its share into it.
        for (place, share) in [0.05, 0.25, 0.5, 0.75, 0.95].enumerated() {
            #expect(abs(values[place] - (254.5 + share)) < 1e-9)
            #expect(abs(values[5 + place] - (127.5 + share)) < 1e-9)
        }
        #expect(values[15] == 255 && values[16] == 128 && values[17] == 128)
        // Nothing varies: half the logarithm of the floor of a quarter.
        for place in 18..<39 { #expect(abs(values[place] - log(0.25) / 2) < 1e-9) }
        #expect(values[39...43].allSatisfy { abs($0) < 1e-9 })
        #expect(values[44...48].allSatisfy { $0 == 0 } && values[49] == 1)
    }

    @Test func `half black, half white has the spread of two values`() throws {
        var image = ImageFixture.flat(width: 64, height: 64, 255, 255, 255)
        for index in 0..<64 * 32 * 3 { image.pixels[index] = 0 }
        let values = try ImageAppearance.measure(image).values
        #expect(abs(values[15] - 127.5) < 1e-9)
        #expect(abs(values[18] - log(127.5 * 127.5 + 0.25) / 2) < 1e-9)
        // The one edge is level: there is change downwards and none across.
        #expect(values[42] < -3)
        // Halving mixes the edge into one of 16 white rows, which is then 11/16 white and no longer pale.
        #expect(abs(values[49] - (15.0 / 32).squareRoot()) < 1e-9)
    }

    @Test(arguments: [1, 2, 3, 7]) func `small images can be measured`(side: Int) throws {
        let appearance = try ImageAppearance.measure(ImageFixture.textured(width: side, height: 1))
        #expect(appearance.values.allSatisfy { $0.isFinite })
    }

    @Test func `an empty image is refused`() {
        #expect(throws: ImagingError.self) {
            try ImageAppearance.measure(RGBImage(width: 0, height: 0, pixels: []))
        }
    }

    @Test func `larger structures move detail from fine to coarse`() throws {
        let image = try DrawnSmear.draw(class: 2, seed: 4, side: 224)
        var quarter: [UInt8] = []
        for y in 0..<112 {
            let start = y * 224 * 3
            quarter += image.pixels[start..<start + 112 * 3]
        }
        let zoomed = try RGBImage(width: 112, height: 112, pixels: quarter).resized(width: 224, height: 224)
        let one = try ImageAppearance.measure(image).values
        let two = try ImageAppearance.measure(zoomed).values
        let fine = ImageAppearance.aspects.indices.filter { ImageAppearance.aspects[$0] == .fineDetail }
        for index in fine.prefix(3) { #expect(two[index] < one[index]) }
    }

    @Test func `drawn smears can be smears`() throws {
        for seed in 0..<40 {
            let image = try DrawnSmear.draw(class: seed % 4, seed: UInt64(seed), side: 160)
            #expect(try ImageAppearance.measure(image).content.missing == nil, "seed \(seed)")
        }
    }

    @Test func `other pictures lack something`() throws {
        func missing(_ image: RGBImage) throws -> MissingContent? { try ImageAppearance.measure(image).content.missing }
        #expect(try missing(ImageFixture.flat(width: 64, height: 64, 20, 20, 25)) == .brightGround)
        #expect(try missing(ImageFixture.flat(width: 64, height: 64, 250, 250, 250)) == .stain)
        #expect(try missing(ImageFixture.flat(width: 64, height: 64, 90, 230, 60)) == .colourlessGround)
    }

    @Test func `a picture without ground and one stained all over lack something`() {
        func content(ground: Double, stained: Double) -> SmearContent {
            SmearContent(groundShare: ground, groundLightness: 230, groundChroma: 5, stainedShare: stained)
        }
        #expect(content(ground: 0.4, stained: 0.1).missing == nil)
        #expect(content(ground: 0.01, stained: 0.1).missing == .evenGround)
        #expect(content(ground: 0.2, stained: 0.9).missing == .unstainedParts)
        #expect(content(ground: 0.2, stained: 0).missing == .stain)
    }
}
