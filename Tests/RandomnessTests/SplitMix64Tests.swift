import Randomness
import Testing

@Suite struct SplitMix64Tests {
    @Test func `the generator gives the published sequence`() {
        // First outputs for seed 1234567 of the authors' splitmix64.c.
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test func `purposes of one seed have sequences of their own`() {
        let firsts = [[], [0], [1], [0, 1], [1, 0]].map { (purpose: [UInt64]) -> UInt64 in
            var generator =
                switch purpose.count {
                case 0: SplitMix64(seed: 5)
                case 1: SplitMix64(seed: 5, purpose[0])
                default: SplitMix64(seed: 5, purpose[0], purpose[1])
                }
            return generator.next()
        }
        #expect(Set(firsts).count == firsts.count)
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func `numbers below a bound are spread evenly`(bound: Int) {
        var generator = SplitMix64(seed: 3)
        var counts = [Int](repeating: 0, count: bound)
        let draws = 200 * bound
        for _ in 0..<draws { counts[generator.next(below: bound)] += 1 }
        // Chi-square with bound - 1 degrees of freedom: mean bound - 1, deviation √(2(bound - 1)); six deviations.
        let deviations = counts.map { Double($0 - 200) * Double($0 - 200) / 200 }.reduce(0, +) - Double(bound - 1)
        #expect(deviations <= 6 * (2 * Double(bound - 1)).squareRoot())
    }

    @Test func `a unit number lies from 0 to below 1`() {
        var generator = SplitMix64(seed: 9)
        let numbers = (0..<10_000).map { _ in generator.nextUnit() }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.02)
    }

    @Test func `a shuffle keeps every element and is the same for the same seed`() {
        func shuffled(seed: UInt64) -> [Int] {
            var generator = SplitMix64(seed: seed)
            var elements = Array(0..<100)
            generator.shuffle(&elements)
            return elements
        }
        #expect(shuffled(seed: 1).sorted() == Array(0..<100))
        #expect(shuffled(seed: 1) == shuffled(seed: 1))
        #expect(shuffled(seed: 1) != shuffled(seed: 2))
        #expect(shuffled(seed: 1) != Array(0..<100))
    }
}
