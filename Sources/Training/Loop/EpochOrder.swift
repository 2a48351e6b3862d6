import Foundation
import Randomness

/// Which images an epoch holds, and in which order.
///
/// Without balance, and where an epoch is as long as the training part, every image stands in it once. Else each is drawn as
/// often as its group's size to the power of minus `balance` says, by systematic resampling, so that the epoch has its length
/// and no image's count is one or more away from what is due.
package struct EpochOrder: Sendable {
    /// Images an epoch.
    package let count: Int
    private let training: [Int]
    /// The share of the epoch that is due to each image, or nil where every image stands in it once.
    private let shares: [Double]?

    /// - Parameters:
    ///   - balance: 0 to 1.
    ///   - count: Images an epoch, at least 1.
    package init(training: [Int], groups: TrainingGroups, balance: Double, count: Int) {
        (self.training, self.count) = (training, count)
        guard balance > 0 || count != training.count else {
            shares = nil
            return
        }
        let sizes = Dictionary(training.map { (groups.numbers[$0], 1.0) }, uniquingKeysWith: +)
        let weights = training.map { pow(sizes[groups.numbers[$0]] ?? 1, -balance) }
        let sum = weights.reduce(0, +)
        shares = weights.map { $0 / sum }
    }

    /// `count` images in random order.
    package func images(using generator: inout SplitMix64) -> [Int] {
        guard let shares else { return training.shuffled(using: &generator) }
        // Neighbours in the data set are alike: dealt in random order, the epochs take turns among them.
        let places = count < training.count ? training.indices.shuffled(using: &generator) : Array(training.indices)
        var order: [Int] = []
        let offset = generator.nextUnit()
        var due = 0.0
        for place in places {
            due += shares[place] * Double(count)
            while Double(order.count) + offset < due { order.append(training[place]) }
        }
        return order.shuffled(using: &generator)
    }
}
