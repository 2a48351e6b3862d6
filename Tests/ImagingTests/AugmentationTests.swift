import Foundation
import Imaging
import Testing

@Suite struct AugmentationTests {
    static let image: RGBImage = {
        var pixels: [UInt8] = []
        for value in 0..<(96 * 96 * 3) { pixels.append(UInt8((value * 7 ^ (value >> 6)) & 255)) }
        return RGBImage(width: 96, height: 96, pixels: pixels)
    }()

    @Test func `none leaves the image as it is`() throws {
        #expect(try Augmentation.none.apply(to: Self.image, seed: 9) == Self.image)
    }

    @Test func `the seed decides`() throws {
        let first = try Augmentation.standard.apply(to: Self.image, seed: 1)
        #expect(try Augmentation.standard.apply(to: Self.image, seed: 1) == first)
        #expect(try Augmentation.standard.apply(to: Self.image, seed: 2) != first)
    }

    @Test func `a flip mirrors every pixel`() throws {
        var augmentation = Augmentation()
        augmentation.geometry.horizontalFlip = 1
        let image = RGBImage(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
        #expect(try augmentation.apply(to: image, seed: 0).pixels == [4, 5, 6, 1, 2, 3])
    }

    @Test func `a grey image has equal channels`() throws {
        var augmentation = Augmentation()
        augmentation.colour.greyscale = 1
        let grey = try augmentation.apply(to: Self.image, seed: 0).pixels
        for red in stride(from: 0, to: grey.count, by: 3) {
            #expect(Set(grey[red..<(red + 3)]).count == 1)
        }
    }

    @Test func `stretching makes a disc oval and keeps its area`() throws {
        var disc = RGBImage(width: 97, height: 97, pixels: [UInt8](repeating: 255, count: 97 * 97 * 3))
        for place in 0..<(97 * 97)
        where (place % 97 - 48) * (place % 97 - 48) + (place / 97 - 48) * (place / 97 - 48) <= 400 {
            for channel in 0..<3 { disc.pixels[place * 3 + channel] = 0 }
        }
        func dark(_ image: RGBImage) -> (area: Int, shape: Double) {
            let places = (0..<(97 * 97)).filter { image.pixels[$0 * 3] < 128 }
            let (columns, rows) = (Set(places.map { $0 % 97 }), Set(places.map { $0 / 97 }))
            return (places.count, Double(columns.count) / Double(rows.count))
        }
        var augmentation = Augmentation()
        augmentation.geometry.affine = 1
        augmentation.geometry.stretch = 0.3
        let whole = dark(disc)
        #expect(whole.shape == 1)
        let shapes = try (0..<40).map { (seed: UInt64) in
            let varied = try dark(augmentation.apply(to: disc, seed: seed))
            #expect(abs(varied.area - whole.area) < whole.area / 20)
            return varied.shape
        }
        #expect(shapes.allSatisfy { (0.70...1.43).contains($0) })
        #expect((shapes.min() ?? 1) < 0.85)
        #expect((shapes.max() ?? 1) > 1.18)
    }

    @Test func `survives JSON`() throws {
        let data = try JSONEncoder().encode(Augmentation.standard)
        #expect(try JSONDecoder().decode(Augmentation.self, from: data) == .standard)
    }

    @Test(arguments: [Float.nan, -0.1, 1.1])
    func `strengths out of range are refused`(probability: Float) {
        var augmentation = Augmentation()
        augmentation.stain.probability = probability
        #expect { try augmentation.apply(to: Self.image, seed: 0) } throws: {
            ($0 as? ImagingError)?.code == .invalidParameter
        }
    }
}

@Suite struct DrawnSmearTests {
    @Test func `is a function of class and seed`() throws {
        let first = try DrawnSmear.draw(class: 1, seed: 7)
        #expect(first.width == 224 && first.height == 224)
        #expect(try DrawnSmear.draw(class: 1, seed: 7) == first)
        #expect(try DrawnSmear.draw(class: 2, seed: 7) != first)
        #expect(try DrawnSmear.draw(class: 1, seed: 8) != first)
    }

    @Test(arguments: [(-1, 224), (4, 224), (0, 31), (0, 2049)])
    func `wrong classes and sides are refused`(label: Int, side: Int) {
        #expect(throws: ImagingError.self) { try DrawnSmear.draw(class: label, seed: 0, side: side) }
    }

    @Test func `different fields are no duplicates`() throws {
        let images = try (0..<6).map { try ImageSimilarity(of: try DrawnSmear.draw(class: $0 % 4, seed: UInt64($0))) }
        for first in images.indices {
            #expect(images[first].correlation(with: images[first]) > 0.999)
            for second in images.indices where second != first {
                #expect(images[first].correlation(with: images[second]) < 0.8)
            }
        }
    }
}
