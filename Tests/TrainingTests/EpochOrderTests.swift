import Randomness
import Testing
import Training

@Suite struct EpochOrderTests {
    /// 90 images of one run, 10 of another.
    private static let groups = TrainingGroups(
        labels: [Int](repeating: 0, count: 100), sources: (0..<100).map { $0 < 90 ? "long" : "short" })

    private func epochs(balance: Double, count: Int, of number: Int) -> [[Int]] {
        let order = EpochOrder(training: Array(0..<100), groups: Self.groups, balance: balance, count: count)
        var generator = SplitMix64(seed: 3)
        return (0..<number).map { _ in order.images(using: &generator) }
    }

    @Test func `an epoch as long as the training part holds every image once`() {
        #expect(epochs(balance: 0, count: 100, of: 1)[0].sorted() == Array(0..<100))
    }

    @Test func `a short epoch holds no image twice, and the next ones hold others`() {
        let epochs = epochs(balance: 0, count: 40, of: 12)
        #expect(epochs.allSatisfy { $0.count == 40 && Set($0).count == 40 })
        // 12 epochs of 40 % each: an image stays out of all with a chance of 0.6 to the power of 12.
        #expect(Set(epochs.joined()).count >= 97)
    }

    @Test func `whole balance gives both runs half of a short epoch`() {
        for epoch in epochs(balance: 1, count: 40, of: 5) {
            #expect(epoch.count == 40)
            #expect((19...21).contains(epoch.count { $0 >= 90 }))
        }
    }
}
