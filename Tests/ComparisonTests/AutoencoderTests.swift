import Comparison
import Foundation
import Imaging
import Testing
import Training

@Suite struct AutoencoderTests {
    @Test func `learns to give images back, and codes tell them apart`() throws {
        TrainableNetwork.prepare(threads: 1)
        let autoencoder = try Autoencoder(settings: .init(side: 64, epochs: 4), seed: 1)
        let part = PatternImages.part(64, seed: 4, side: 64)
        let images = try (0..<part.count).map { try autoencoder.prepared(part.photograph($0)) }
        try autoencoder.learn(images, seed: 2) { _ in }
        #expect(autoencoder.losses.count == 4)
        let (first, last) = try (#require(autoencoder.losses.first), #require(autoencoder.losses.last))
        #expect(last < 0.8 * first)
        #expect(autoencoder.codeSize == 64 * 4 * 4)
        let codes = try autoencoder.codes(Array(images.prefix(3)))
        #expect(codes.map(\.count) == [1024, 1024, 1024])
        #expect(codes[0] != codes[1])
        // One at a time or together, the code is the same but for rounding.
        let alone = try autoencoder.codes([images[2]])[0]
        #expect(zip(alone, codes[2]).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test func `a side that cannot be halved four times is refused`() {
        #expect(throws: ComparisonError.self) { try Autoencoder(settings: .init(side: 100), seed: 1) }
    }
}
