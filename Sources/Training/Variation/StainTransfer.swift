import Dispatch
import Imaging
import Randomness
import Synchronization

/// Recolours training images towards other training images of any class, so that colour tells no class.
///
/// The colours of an image are brought (Reinhard et al. 2001, in CIE Lab) to statistics between its own and those of a
/// donor. The donor's class is drawn first, all being equally likely, then an image of it: a stain that only one class
/// has in the collection is then seen on every class. It stays within stains that exist, which jitter does not
/// (the idea of Shen et al. 2022, *RandStainNA*, MICCAI, with real images as the templates).
struct StainTransfer: Sendable {
    /// Means and standard deviations of L, a and b.
    private struct Statistics: Sendable {
        var mean: [Double]
        var deviation: [Double]
    }

    let probability: Double
    private let statistics: [Int: Statistics]
    private let donors: [[Int]]

    /// Measures the images that are trained on; no other image gives colours.
    /// - Throws: `TrainingError` naming an unreadable file.
    init(probability: Double, cache: ImageCache, labels: [Int], training: [Int]) throws {
        self.probability = probability
        let results = Mutex([Result<Statistics, any Error>?](repeating: nil, count: training.count))
        DispatchQueue.concurrentPerform(iterations: training.count) { position in
            let result = Result { try Self.measure(cache.image(training[position])) }
            results.withLock { $0[position] = result }
        }
        var statistics: [Int: Statistics] = [:]
        for (index, result) in zip(training, results.withLock { $0 }) { statistics[index] = try result?.get() }
        self.statistics = statistics
        donors = Dictionary(grouping: training) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func measure(_ image: RGBImage) throws -> Statistics {
        guard case .reinhard(let mean, let deviation) = try StainNormalization.reinhard(matching: image) else {
            return Statistics(mean: [0, 0, 0], deviation: [1, 1, 1])
        }
        return Statistics(mean: mean, deviation: deviation.map { max($0, 0.1) })
    }

    /// The image as it is, or recoloured; decided by the generator.
    func apply(to image: RGBImage, index: Int, using generator: inout SplitMix64) throws -> RGBImage {
        guard generator.nextUnit() < probability, let own = statistics[index], !donors.isEmpty else { return image }
        let donorsOfClass = donors[generator.next(below: donors.count)]
        let share = generator.nextUnit()
        guard let donor = statistics[donorsOfClass[generator.next(below: donorsOfClass.count)]] else { return image }
        func between(_ from: [Double], _ to: [Double]) -> [Double] { zip(from, to).map { $0 + share * ($1 - $0) } }
        let target = StainNormalization.reinhard(
            mean: between(own.mean, donor.mean), deviation: between(own.deviation, donor.deviation))
        return try target.apply(to: image)
    }
}
