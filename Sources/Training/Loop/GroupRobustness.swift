import Foundation

/// Weighs each group's loss by how badly the group does, so that the worst decides most (Sagawa, Koh, Hashimoto and Liang
/// 2020, *Distributionally robust neural networks for group shifts*, algorithm 1, for batches of many groups).
package struct GroupRobustness {
    private let stepSize: Double
    private let groups: TrainingGroups
    /// What each group counts for; the sum is 1.
    package private(set) var shares: [Double]

    /// All groups of the training images count alike at first, others not at all.
    package init(stepSize: Double, groups: TrainingGroups, training: [Int]) {
        self.stepSize = stepSize
        self.groups = groups
        let present = Set(training.map { groups.numbers[$0] })
        shares = (0..<groups.count).map { present.contains($0) ? 1 / Double(present.count) : 0 }
    }

    /// Goes on with the shares of a training that was stopped.
    mutating func resume(_ shares: [Double]) { self.shares = shares }

    /// What each image's cross entropy counts for, `[N]`: its group's share, divided among the group's images in the batch. A
    /// group that is not in the batch adds nothing. An image of no class has no group and counts 1/N.
    package func weights(_ batch: Batch) -> [Float] {
        let counts = members(batch).mapValues(\.count)
        let classed = Double(counts.values.reduce(0, +)) / Double(batch.count)
        return zip(batch.indices, batch.labels).map { index, label in
            guard label != Batch.noClass else { return 1 / Float(batch.count) }
            let group = groups.numbers[index]
            return Float(classed * shares[group] / Double(counts[group] ?? 1))
        }
    }

    /// Raises the shares of groups with high losses.
    /// - Parameter losses: The losses of the batch's images, `[N]`.
    package mutating func learn(_ losses: [Float], of batch: Batch) {
        for (group, places) in members(batch) {
            let mean = places.reduce(0.0) { $0 + Double(losses[$1]) } / Double(places.count)
            shares[group] *= exp(stepSize * mean)
        }
        let sum = shares.reduce(0, +)
        shares = shares.map { $0 / sum }
    }

    /// The places in the batch of each group's images.
    private func members(_ batch: Batch) -> [Int: [Int]] {
        Dictionary(
            grouping: batch.labels.indices.filter { batch.labels[$0] != Batch.noClass },
            by: { groups.numbers[batch.indices[$0]] })
    }
}
