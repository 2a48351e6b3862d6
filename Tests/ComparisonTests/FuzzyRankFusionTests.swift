import Comparison
import Foundation
import Testing

@Suite struct FuzzyRankFusionTests {
    /// Gompertz ranks worked out by hand: 1 − e^(−e^(−2p)).
    @Test(arguments: [(0.0, 0.632121), (0.25, 0.454761), (0.5, 0.307799), (0.7, 0.218544), (1.0, 0.126577)])
    func `ranks follow the Gompertz curve`(confidence: Double, rank: Double) {
        #expect(abs(FuzzyRankFusion.rank(confidence) - rank) < 1e-6)
    }

    /// Two networks, p = (0.7, 0.2, 0.1) and q = (0.3, 0.6, 0.1). Both rank the first two classes, the third has the penalty
    /// twice and the confidence 0: score 2 · 0.632 · 1 = 1.264. The first: (R(0.7) + R(0.3)) (1 − 1.0/2) =
    /// (0.218544 + 0.422364) / 2 = 0.320454. The second: (R(0.2) + R(0.6)) (1 − 0.8/2) = (0.488455 + 0.260066) · 0.6 = 0.449113.
    @Test func `scores are those of the paper`() {
        let scores = FuzzyRankFusion.scores([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1]])
        #expect(scores.count == 3)
        for (score, wanted) in zip(scores, [0.320454, 0.449113, 1.264]) { #expect(abs(score - wanted) < 1e-6) }
    }

    @Test func `a class that one network leaves out counts with the penalty there`() {
        let scores = FuzzyRankFusion.scores([[0.6, 0.3, 0.1], [0.1, 0.4, 0.5]])
        // The first class: R(0.6) + 0.632, and only 0.6 of confidence.
        #expect(abs(scores[0] - (FuzzyRankFusion.rank(0.6) + 0.632) * (1 - 0.6 / 2)) < 1e-12)
        #expect(scores.firstIndex(of: scores.min() ?? 0) == 1)
    }

    @Test func `the largest logit is the least score`() {
        let logits = FuzzyRankFusion.logits([[2, 0, -1, -3], [0.5, 1, -1, -2]])
        #expect(logits.count == 4)
        #expect(logits.firstIndex(of: logits.max() ?? 0) == 0)
        #expect(logits.allSatisfy { $0 <= 0 })
    }

    @Test func `networks that agree decide`() {
        for label in 0..<4 {
            let row = (0..<4).map { $0 == label ? 3.0 : 0.5 }
            let logits = FuzzyRankFusion.logits([row, row, row])
            #expect(logits.firstIndex(of: logits.max() ?? 0) == label)
        }
    }
}
