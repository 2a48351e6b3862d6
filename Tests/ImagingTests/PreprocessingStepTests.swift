import Findings
import Imaging
import Randomness
import Testing

@Suite struct PreprocessingStepTests {
    private func run(_ steps: [PreprocessingStep], on image: RGBImage) throws -> RGBImage {
        try PreprocessingPipeline(steps: steps + [.resize(width: image.width, height: image.height)]).image(from: image)
    }

    @Test func `the mask covers the declared share of the lower right corner and nothing else`() throws {
        let white = ImageFixture.flat(width: 50, height: 40, 255, 255, 255)
        let masked = try run(
            [.maskCorner(widthFraction: 0.2, heightFraction: 0.25, red: 1, green: 2, blue: 3)], on: white)
        var covered = 0
        for y in 0..<40 {
            for x in 0..<50 {
                let isMasked = ImageFixture.color(masked, x, y) == [1, 2, 3]
                #expect(isMasked == (x >= 40 && y >= 30))
                covered += isMasked ? 1 : 0
            }
        }
        #expect(covered == 100)
    }

    @Test func `shrinking averages areas`() throws {
        let image = RGBImage(width: 2, height: 2, pixels: [0, 0, 0, 100, 0, 0, 100, 40, 0, 200, 0, 80])
        #expect(try image.resized(width: 1, height: 1).pixels == [100, 10, 20])
    }

    @Test(arguments: PreprocessingStep.Denoising.allCases)
    func `noise reduction lowers noise and keeps an edge`(method: PreprocessingStep.Denoising) throws {
        var random = SplitMix64(seed: 7)
        var image = ImageFixture.flat(width: 64, height: 64, 60, 60, 60)
        for index in image.pixels.indices {
            let level = (index / 3) % 64 < 32 ? 60 : 200
            image.pixels[index] = UInt8(level + Int.random(in: -8...8, using: &random))
        }
        let result = try run([.denoise(strength: 30, method: method)], on: image)
        let before = try spread(image, columns: 4..<28)
        #expect(try spread(result, columns: 4..<28) < before * 0.7)
        #expect(ImageFixture.color(result, 36, 30)[0] - ImageFixture.color(result, 27, 30)[0] > 110)
    }

    @Test func `contrast enhancement spreads a dull picture and keeps its hue`() throws {
        var image = ImageFixture.flat(width: 64, height: 64, 0, 0, 0)
        for pixel in 0..<(64 * 64) {
            let level = UInt8(110 + pixel % 64 / 4)
            image.pixels.replaceSubrange((pixel * 3)..<(pixel * 3 + 3), with: [level, level, level])
        }
        let result = try run([.contrast(clipLimit: 4, tiles: 2)], on: image)
        #expect(ImageQuality.assess(result).contrast > ImageQuality.assess(image).contrast * 1.3)
        let color = ImageFixture.color(result, 20, 20)
        #expect((color.max() ?? 0) - (color.min() ?? 0) <= 3, "grey stays grey")
    }

    @Test func `Reinhard's method reaches the target statistics`() throws {
        let image = ImageFixture.textured(width: 96, height: 96)
        let target = StainNormalization.reinhard(mean: [60, 10, -12], deviation: [8, 4, 5])
        let result = try run([.stainNormalization(target)], on: image)
        guard case .reinhard(let mean, let deviation) = try StainNormalization.reinhard(matching: result) else {
            Issue.record("another method came back")
            return
        }
        for (value, expected) in zip(mean + deviation, [60.0, 10.0, -12.0, 8.0, 4.0, 5.0]) {
            #expect(abs(value - expected) < 0.6)
        }
    }

    @Test func `Macenko's method recolours two mixed stains with the target stains`() throws {
        let target = [[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]]
        let foreign = [[0.80, 0.50, 0.33], [0.20, 0.90, 0.39]]
        let method = StainNormalization.macenko(stains: target, maximumConcentrations: [1.2, 1.2])
        let result = try run([.stainNormalization(method)], on: try stained(foreign))
        let expected = try stained(target)
        let errors = zip(result.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
        #expect(errors.reduce(0, +) / errors.count <= 6)
        #expect(result != expected || errors.allSatisfy { $0 == 0 })
        let before = zip(try stained(foreign).pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
        #expect(before.reduce(0, +) / before.count > 12)
    }

    @Test func `Macenko's method leaves an unstained picture alone`() throws {
        let white = ImageFixture.flat(width: 40, height: 40, 250, 250, 250)
        let method = StainNormalization.macenko(stains: [[1, 0, 0], [0, 1, 0]], maximumConcentrations: [1, 1])
        #expect(try run([.stainNormalization(method)], on: white) == white)
    }

    @Test func `the stains of a picture are found again`() throws {
        let stains = [[0.65, 0.7, 0.29], [0.07, 0.99, 0.11]]
        let found = try StainNormalization.macenko(matching: stained(stains))
        guard case .macenko(let vectors, let maxima) = found else {
            Issue.record("no stain is found")
            return
        }
        for (vector, stain) in zip(vectors, stains) {
            let length = stain.map { $0 * $0 }.reduce(0, +).squareRoot()
            #expect(zip(vector, stain).map { $0 * $1 / length }.reduce(0, +) > 0.98, "\(vector)")
        }
        #expect(maxima.allSatisfy { (0.9...1.5).contains($0) }, "\(maxima)")
        #expect(try StainNormalization.macenko(matching: ImageFixture.flat(width: 9, height: 9, 250, 250, 250)) == nil)
    }

    /// All mixtures of two stains in amounts of 0.3 to 1.2, by Beer and Lambert's law.
    private func stained(_ stains: [[Double]]) throws -> RGBImage {
        let vectors = stains.map { stain in
            let length = stain.map { $0 * $0 }.reduce(0, +).squareRoot()
            return stain.map { $0 / length }
        }
        var pixels: [UInt8] = []
        for y in 0..<64 {
            for x in 0..<64 {
                let (first, second) = (1.2 * Double(x) / 63, 1.2 * Double(y) / 63)
                for channel in 0..<3 {
                    let density = first * vectors[0][channel] + second * vectors[1][channel]
                    pixels.append(UInt8(max(0, min(255, (256 * exponential(-density) - 1).rounded()))))
                }
            }
        }
        return RGBImage(width: 64, height: 64, pixels: pixels)
    }

    private func exponential(_ value: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for n in 1...30 {
            term *= value / Double(n)
            sum += term
        }
        return sum
    }

    /// Standard deviation of red in the given columns.
    private func spread(_ image: RGBImage, columns: Range<Int>) throws -> Double {
        let values = (0..<image.height).flatMap { y in columns.map { Double(ImageFixture.color(image, $0, y)[0]) } }
        let mean = values.reduce(0, +) / Double(values.count)
        return (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
    }
}
