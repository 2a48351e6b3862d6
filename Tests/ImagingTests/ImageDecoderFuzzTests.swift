import Imaging
import Randomness
import Testing

@Suite struct ImageDecoderFuzzTests {
    @Test(
        arguments: [
            "plain.jpg", "progressive.jpg", "plain.png", "palette.png", "plain.tiff", "plain.bmp", "lossless.webp",
            "lossy.webp", "plain-8.heic", "plain-10.heic", "orientation-6.heic",
        ])
    func `two thousand mutations of each format decode or throw, and nothing else`(name: String) throws {
        let file = try ImageFixture.bytes(name)
        let limits = ImageLimits(maximumBytes: 100_000, maximumPixels: 250_000, minimumSide: 1)
        var random = SplitMix64(seed: 20_260_101)
        var refused = 0
        for _ in 0..<2000 {
            let mutant = Self.mutated(file, using: &random)
            do {
                let decoded = try ImageDecoder.decodeWithHeader(mutant, limits: limits)
                #expect(decoded.image.pixels.count == decoded.header.width * decoded.header.height * 3)
            } catch is ImagingError {
                refused += 1
            }
        }
        #expect(refused > 100, "most mutations of a header are refused")
    }

    /// Changes, removes, doubles or swaps a few bytes.
    private static func mutated(_ file: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var bytes = file
        for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 8 {
            // Headers hold the sizes, so half of all changes fall on the first bytes.
            let range = Bool.random(using: &random) ? bytes.indices : 0..<min(64, bytes.count)
            let index = Int.random(in: range, using: &random)
            let end = min(bytes.count, index + Int.random(in: 1...16, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(index..<end)
            case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
            default: bytes[index] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            }
        }
        return bytes
    }
}
