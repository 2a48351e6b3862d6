import Foundation
import Findings
import Imaging
import Testing

@Suite struct EyepieceTests {
    /// A drawn smear in a circle on black; the light at the rim falls off by a share of that in the middle.
    private static func photograph(
        side: Int = 420, width: Int = 800, height: Int = 600, center: (x: Double, y: Double) = (390, 310),
        fallOff: Double = 0.4, red: Double = 1
    ) throws -> RGBImage {
        let field = try DrawnSmear.draw(class: 1, seed: 3, side: side)
        let radius = Double(side) / 2
        var pixels = [UInt8](repeating: 3, count: width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Double(x) + 0.5 - center.x, Double(y) + 0.5 - center.y)
                let place = (dx * dx + dy * dy).squareRoot() / radius
                guard place < 1 else { continue }
                let from = (Int(dy + radius) * side + Int(dx + radius)) * 3
                for channel in 0..<3 {
                    let light = pow(Double(field.pixels[from + channel]) / 255, 2.2) * (1 - fallOff * place * place)
                    let tinted = channel == 0 ? light * red : light
                    pixels[(y * width + x) * 3 + channel] = UInt8((255 * pow(min(1, tinted), 1 / 2.2)).rounded())
                }
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    @Test(arguments: [0, 0.25, 0.5])
    func `the circle is found where it is, whatever the vignette`(fallOff: Double) throws {
        for center in [(390.0, 310.0), (250, 240), (520, 350)] {
            let eyepiece = try #require(try Eyepiece.find(in: Self.photograph(center: center, fallOff: fallOff)))
            #expect(abs(eyepiece.centerX - center.0) < 4, "\(eyepiece)")
            #expect(abs(eyepiece.centerY - center.1) < 4, "\(eyepiece)")
            #expect(abs(eyepiece.radius - 210) < 5, "\(eyepiece)")
        }
    }

    @Test func `a circle that the photograph cuts off is found too`() throws {
        let image = try Self.photograph(side: 660, center: (400, 300))
        let eyepiece = try #require(try Eyepiece.find(in: image))
        #expect(abs(eyepiece.radius - 330) < 7)
        let picture = try eyepiece.picture(of: image)
        #expect(picture.height == 600 && abs(picture.width - 650) < 16)
    }

    /// The lightest tenth of the pixels whose distance from the middle is in a range, per channel.
    private static func background(_ image: RGBImage, _ range: Range<Double>) -> [Int] {
        var values: [[Int]] = [[], [], []]
        for y in 0..<image.height {
            for x in 0..<image.width {
                let (dx, dy) = (Double(2 * x - image.width), Double(2 * y - image.height))
                guard range.contains((dx * dx + dy * dy).squareRoot() / Double(image.width)) else { continue }
                for (channel, value) in ImageFixture.color(image, x, y).enumerated() { values[channel].append(value) }
            }
        }
        return values.map { $0.sorted()[$0.count * 8 / 10] }
    }

    @Test func `light that falls off and a tint of the lamp are evened out`() throws {
        let image = try Self.photograph(fallOff: 0.5, red: 0.85)
        let picture = try #require(try Eyepiece.find(in: image)).picture(of: image)
        let (middle, rim) = (Self.background(picture, 0..<0.4), Self.background(picture, 0.75..<0.9))
        for channel in 0..<3 {
            #expect(abs(middle[channel] - rim[channel]) <= 12, "\(middle) in the middle, \(rim) at the rim")
            #expect(abs(middle[channel] - 242) <= 10, "\(middle)")
        }
    }

    @Test func `people see white corners and the network mirrored ones, of one and the same field`() throws {
        let image = try Self.photograph()
        let eyepiece = try #require(try Eyepiece.find(in: image))
        let (picture, view) = (try eyepiece.picture(of: image), try eyepiece.view(of: image))
        #expect(ImageFixture.color(picture, 2, 2) == [242, 242, 242])
        let middle = (picture.width / 2, picture.height / 2)
        #expect(ImageFixture.color(picture, middle.0, middle.1) == ImageFixture.color(view, middle.0, middle.1))
        var corner: Set<[Int]> = []
        for y in 0..<40 { for x in 0..<40 { corner.insert(ImageFixture.color(view, x, y)) } }
        #expect(corner.count > 100)
        #expect(!corner.contains([3, 3, 3]))
    }

    @Test func `no other image has a circle`() throws {
        var others = [
            ImageFixture.flat(width: 300, height: 200, 0, 0, 0),
            ImageFixture.flat(width: 300, height: 200, 240, 240, 240),
            ImageFixture.textured(width: 320, height: 240), ImageFixture.flat(width: 1, height: 1, 0, 0, 0),
        ]
        for seed in 0..<8 { others.append(try DrawnSmear.draw(class: seed % 4, seed: UInt64(seed), side: 224)) }
        // A bright square and a bright half on black.
        for (width, height) in [(200, 200), (300, 120)] {
            var framed = ImageFixture.flat(width: 400, height: 300, 2, 2, 2)
            for y in 0..<height {
                for x in 0..<width {
                    let start = ((y + (300 - height) / 2) * 400 + x + (400 - width) / 2) * 3
                    for channel in 0..<3 { framed.pixels[start + channel] = 230 }
                }
            }
            others.append(framed)
        }
        for image in others { #expect(try Eyepiece.find(in: image) == nil, "\(image.width)x\(image.height)") }
    }

    @Test func `sight looks at the field in the circle and tells so, and leaves other images as they are`() throws {
        let sight = ImageSight(
            pipeline: try PreprocessingPipeline(steps: [.resize(width: 64, height: 64)]), minimumSide: 64)
        let seen = try sight.see(ImageEncoder.png(Self.photograph()))
        #expect(seen.decoded.header.notes == [.eyepiece])
        #expect(abs(seen.decoded.originalWidth - 413) < 12)
        #expect(seen.decoded.image.width == seen.decoded.originalWidth)
        #expect(ImageFixture.color(seen.decoded.image, 2, 2) == [242, 242, 242])
        #expect(seen.input.width == 64)
        let plain = try DrawnSmear.draw(class: 2, seed: 9, side: 128)
        let other = try sight.see(ImageEncoder.png(plain))
        #expect(other.decoded.image == plain)
        #expect(other.decoded.header.notes.isEmpty)
        #expect(try other.input == plain.resized(width: 64, height: 64))
    }
}
