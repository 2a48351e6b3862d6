import Foundation
import Imaging
import Networks
import Randomness
import Tensors
import Testing

import Training

extension TorchTests {
    /// Nuclei painted over: what the network is shown, and what it is asked for.
    @Suite struct NucleusErasureTests {
        private let drawn: DrawnFolder
        private let cache: ImageCache

        init() throws {
            drawn = try DrawnFolder(count: 8, side: 224, seed: 5)
            cache = try ImageCache(
                urls: drawn.items.map(\.url), preprocessing: .standard(side: 224), megabytes: 100)
        }

        private func erasure(probability: Double, training: [Int]) throws -> NucleusErasure {
            try NucleusErasure(
                probability: probability, nuclei: TrainingNuclei(cache: cache, training: training))
        }

        private func share(of image: RGBImage, unlike other: RGBImage, on mask: [Bool]) -> Double {
            let changed = mask.indices.filter { place in
                (0..<3).contains { image.pixels[3 * place + $0] != other.pixels[3 * place + $0] }
            }
            return Double(changed.count { mask[$0] }) / Double(mask.count { $0 })
        }

        @Test func `takes nuclei and the class or as much beside them`() throws {
            let erasure = try self.erasure(probability: 0.5, training: Array(0..<8))
            var (withoutNuclei, withoutOther) = (0, 0)
            for index in 0..<8 {
                let image = try cache.image(index)
                let nuclei = try CellSegmentation.find(in: image).nucleusMask(width: 224, height: 224)
                for seed in 0..<6 as Range<UInt64> {
                    var generator = SplitMix64(seed: seed)
                    let (painted, label) = try erasure.apply(to: image, of: 2, index, using: &generator)
                    guard painted != image else { continue }
                    let onNuclei = share(of: painted, unlike: image, on: nuclei)
                    if label == Batch.noClass {
                        withoutNuclei += 1
                        #expect(onNuclei > 0.9)
                    } else {
                        withoutOther += 1
                        #expect(label == 2)
                        #expect(onNuclei < 0.2)
                    }
                }
            }
            #expect(withoutNuclei > 8 && withoutOther > 8)
        }

        @Test func `leaves images as they are with the rest of the lot`() throws {
            let erasure = try self.erasure(probability: 0.1, training: [0])
            let image = try cache.image(0)
            let kept = try (0..<100 as Range<UInt64>).count { seed in
                var generator = SplitMix64(seed: seed)
                let (painted, label) = try erasure.apply(to: image, of: 1, 0, using: &generator)
                return painted == image && label == 1
            }
            #expect((65...93).contains(kept), "\(kept) of 100; 80 are expected")
            // Not trained on, so nothing is known of its nuclei.
            var generator = SplitMix64(seed: 1)
            #expect(try erasure.apply(to: cache.image(3), of: 1, 3, using: &generator) == (try cache.image(3), 1))
        }

        @Test func `asks for the same probability of each class where there is none`() throws {
            let network = try TinyNetwork.network()
            let batch = TinyNetwork.batch(count: 8)
            func loss(_ labels: [Int64]) throws -> Double {
                try network.gradients(
                    Batch(images: batch.images, labels: labels, height: batch.height, width: batch.width)
                ).loss
            }
            let logits = try network.forward(batch).logits
            let classes = logits.shape[1]
            let surprises = (0..<8).map { image in
                let row = logits.values[image * classes..<(image + 1) * classes].map(Double.init)
                let sum = log(row.reduce(0) { $0 + exp($1) })
                return row.map { sum - $0 }
            }
            let uniform = surprises.map { $0.reduce(0, +) / Double($0.count) }
            #expect(abs(try loss([Int64](repeating: Batch.noClass, count: 8)) - uniform.reduce(0, +) / 8) < 1e-4)
            let mixed: [Int64] = [0, Batch.noClass, 1, Batch.noClass, 0, 1, 1, 0]
            let expected = zip(mixed, surprises.indices).map { label, row in
                label == Batch.noClass ? uniform[row] : surprises[row][Int(label)]
            }
            #expect(abs(try loss(mixed) - expected.reduce(0, +) / 8) < 1e-4)
            #expect(throws: TrainingError.self) { try loss([0, 0, 0, 0, 0, 0, 0, -2]) }
        }
    }
}
