import Evaluation
import Testing

@Suite struct BenignNoveltyLimitTests {
    /// 0.01, 0.02 and so on, in no order.
    private static func novelties(_ count: Int) -> [Double] {
        (0..<count).map { Double(($0 * 7) % count + 1) / 100 }
    }

    @Test(arguments: [
        (40, 0.025, 0.39, 1), (39, 0.025, 0.39, 0), (40, 0, 0.4, 0), (40, 0.1, 0.36, 4), (40, 0.99, 0.01, 39),
        (1, 0.5, 0.01, 0),
    ])
    func `is the lowest that gives up no more than the stated share`(
        count: Int, share: Double, value: Double, givenUp: Int
    ) throws {
        let limit = try #require(
            try BenignNoveltyLimit(novelties: Self.novelties(count), share: share, threshold: 0.5))
        #expect(close(limit.value, value) && limit.images == count && limit.givenUp == givenUp)
        #expect(Double(limit.givenUp) <= share * Double(count))
        let lower = Self.novelties(count).count { $0 > value - 0.005 }
        #expect(Double(lower) > share * Double(count))
    }

    @Test func `gives up one in forty where nobody states a share`() throws {
        let novelties = Self.novelties(40)
        #expect(
            try BenignNoveltyLimit(novelties: novelties, threshold: 0.5)
                == BenignNoveltyLimit(novelties: novelties, share: 0.025, threshold: 0.5))
    }

    @Test func `is never above the limit of refusal, nor below the image that it was taken from`() throws {
        #expect(try BenignNoveltyLimit(novelties: [0.3, 0.49999], threshold: 0.49999)?.value == 0.49999)
        #expect(try BenignNoveltyLimit(novelties: [0.6], threshold: 0.5)?.value == 0.5)
        #expect(try BenignNoveltyLimit(novelties: [0.41371], threshold: 0.5)?.value == 0.4138)
        for novelty in [0.3, 0.3.nextUp, 0.3.nextDown, 0.28, 0.12345] {
            let value = try #require(try BenignNoveltyLimit(novelties: [novelty], threshold: 0.5)?.value)
            #expect(value >= novelty && value < novelty + 2e-4)
        }
    }

    @Test func `does not follow from nothing`() throws {
        #expect(try BenignNoveltyLimit(novelties: [], threshold: 0.5) == nil)
        for share in [-0.01, 1, .nan] {
            let error = #expect(throws: EvaluationError.self) {
                try BenignNoveltyLimit(novelties: [0.1], share: share, threshold: 0.5)
            }
            #expect(error?.code == .parameter)
        }
    }
}
