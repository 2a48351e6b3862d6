import Foundation
import Imaging
import Networks
import Tensors
import Testing

import Training

extension TorchTests {
    /// Evidence that is asked to lie on nuclei.
    @Suite struct NucleusGuidanceTests {
        private static let side = 16

        /// Nuclei in the upper left quarter, with a border that is half on.
        private static let quarter: [Float] = (0..<side * side).map { place in
            let (row, column) = (place / side, place % side)
            return row < 7 && column < 7 ? 1 : row < 8 && column < 8 ? 0.5 : 0
        }

        /// Noise, brighter on the nuclei.
        private static let images = TinyNetwork.random(shape: [4, 3, side, side], seed: 5).values.enumerated().map {
            $1 + quarter[$0 % (side * side)]
        }

        private static func batch(labels: [Int64] = [0, 1, 2, 3], nuclei: [Float]) -> Batch {
            Batch(images: images, labels: labels, height: side, width: side, nuclei: nuclei)
        }

        private func network(guidance: Double) throws -> TrainableNetwork {
            try PlainNetwork.network { $0.nucleusGuidance = guidance }
        }

        private func loss(_ batch: Batch, guidance: Double) throws -> Double {
            try network(guidance: guidance).step(batch, learningRate: 1e-3, seed: 1).loss
        }

        /// The share of each image's evidence in cells that nuclei cover at least half, by the definition.
        private func shares(_ network: TrainableNetwork, nuclei: [Float]) throws -> [Double] {
            let map = try network.features(Self.batch(nuclei: [])).featureMap
            let classifier = try #require(try network.weights()["classifier.weight"])
            let (channels, cells) = (map.shape[1], map.shape[2] * map.shape[3])
            return (0..<map.shape[0]).map { image in
                var (on, all) = (0.0, 0.0)
                for cell in 0..<cells {
                    let answers = (0..<4).map { label in
                        (0..<channels).reduce(0.0) { sum, channel in
                            sum + Double(classifier.values[label * channels + channel])
                                * Double(map.values[(image * channels + channel) * cells + cell])
                        }
                    }
                    let mean = answers.reduce(0, +) / 4
                    let evidence = answers.reduce(0) { $0 + abs($1 - mean) }
                    let (row, column) = (cell / map.shape[3] * 2, cell % map.shape[3] * 2)
                    let cover = [(0, 0), (0, 1), (1, 0), (1, 1)].reduce(0.0) { sum, pixel in
                        sum + Double(
                            nuclei[image * Self.side * Self.side + (row + pixel.0) * Self.side + column + pixel.1]) / 4
                    }
                    on += evidence * min(1, cover / 0.5)
                    all += evidence
                }
                return on / (all + 1e-6)
            }
        }

        @Test func `adds minus the logarithm of the share of the evidence`() throws {
            let nuclei = (0..<4).flatMap { _ in Self.quarter }
            let expected = try shares(network(guidance: 0), nuclei: nuclei).reduce(0) { $0 - log($1 + 1e-3) } / 4
            let plain = try loss(Self.batch(nuclei: []), guidance: 0.5)
            #expect(expected > 0.1)
            #expect(abs(try loss(Self.batch(nuclei: nuclei), guidance: 0.5) - plain - 0.5 * expected) < 1e-4)
            #expect(try loss(Self.batch(nuclei: nuclei), guidance: 0) == plain)
        }

        @Test func `asks nothing of images of no class or without nuclei`() throws {
            let nothing = [Float](repeating: 0, count: Self.side * Self.side)
            let plain = try loss(Self.batch(nuclei: []), guidance: 1)
            #expect(try loss(Self.batch(nuclei: (0..<4).flatMap { _ in nothing }), guidance: 1) == plain)
            let classless = [Int64](repeating: Batch.noClass, count: 4)
            let nuclei = (0..<4).flatMap { _ in Self.quarter }
            #expect(
                try loss(Self.batch(labels: classless, nuclei: nuclei), guidance: 1)
                    == loss(Self.batch(labels: classless, nuclei: []), guidance: 1))
            #expect(throws: TrainingError.self) { try loss(Self.batch(nuclei: Self.quarter), guidance: 1) }
        }

        @Test func `moves the evidence onto the nuclei`() throws {
            let nuclei = (0..<4).flatMap { _ in Self.quarter }
            let (plain, guided) = (try network(guidance: 0), try network(guidance: 0.5))
            let before = try shares(plain, nuclei: nuclei).reduce(0, +) / 4
            for network in [plain, guided] {
                for step in 0..<80 as Range<UInt64> {
                    _ = try network.step(Self.batch(nuclei: nuclei), learningRate: 0.01, seed: step)
                }
            }
            let (left, moved) = (
                try shares(plain, nuclei: nuclei).reduce(0, +) / 4, try shares(guided, nuclei: nuclei).reduce(0, +) / 4
            )
            #expect(moved > before + 0.1 && moved > left + 0.1, "\(before), \(left), \(moved)")
        }

        @Test func `masks move as the images do`() throws {
            let side = 64
            let mask = (0..<side * side).map { place in
                let (row, column) = (place / side, place % side)
                return (8..<30).contains(row) && (20..<56).contains(column)
            }
            let picture = RGBImage(
                width: side, height: side, pixels: mask.flatMap { [UInt8](repeating: $0 ? 255 : 0, count: 3) })
            var augmentation = Augmentation.standard
            augmentation.erasing = .init()
            for seed in 0..<30 as Range<UInt64> {
                let image = try augmentation.apply(to: picture, seed: seed)
                let moved = try TrainingNuclei.moved(mask, width: side, height: side, by: augmentation, seed: seed)
                let middle = Int(image.pixels.min() ?? 0) / 2 + Int(image.pixels.max() ?? 0) / 2
                let bright = (0..<side * side).map { Int(image.pixels[3 * $0 + 1]) > middle }
                let (both, either) = zip(bright, moved).reduce(into: (0, 0)) { counts, place in
                    if place.0 && place.1 > 0.5 { counts.0 += 1 }
                    if place.0 || place.1 > 0.5 { counts.1 += 1 }
                }
                #expect(Double(both) > 0.85 * Double(either), "seed \(seed): \(both) of \(either)")
            }
        }
    }
}
