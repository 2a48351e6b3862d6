import Foundation
import Randomness

/// Which images an epoch holds, and in which order.
///
/// Without balance every training image stands in it once. With it each image is drawn as often as its group's size to
/// the power of minus `balance` says, by systematic resampling, so that the epoch stays as long and no image's count is
/// more than one away from what is due.
struct EpochOrder: Sendable {
    private let training: [Int]
    /// The share of the epoch that is due to each image, or nil where all are equal.
    private let shares: [Double]?

    /// - Parameter balance: 0 to 1.
    init(training: [Int], groups: TrainingGroups, balance: Double) {
        self.training = training
        guard balance > 0 else {
            shares = nil
            return
        }
        let sizes = Dictionary(training.map { (groups.numbers[$0], 1.0) }, uniquingKeysWith: +)
        let weights = training.map { pow(sizes[groups.numbers[$0]] ?? 1, -balance) }
        let sum = weights.reduce(0, +)
        shares = weights.map { $0 / sum }
    }

    /// As many images as there are training images, in random order.
    func images(using generator: inout SplitMix64) -> [Int] {
        var order = training
        if let shares {
            order = []
            let offset = generator.nextUnit()
            var due = 0.0
            for (index, share) in zip(training, shares) {
                due += share * Double(training.count)
                while Double(order.count) + offset < due { order.append(index) }
            }
        }
        return order.shuffled(using: &generator)
    }
}
