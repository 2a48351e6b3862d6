import Evaluation
import Testing

@Suite struct MapAgreementTests {
    @Test func `ranks count, not values`() throws {
        let map: [Float] = [0.1, 0.9, 0.4, 0.2]
        #expect(close(MapAgreement.rankCorrelation(map, map.map { $0 * $0 }), 1))
        #expect(close(MapAgreement.rankCorrelation(map, map.map { 1 - $0 }), -1))
        // Ranks 0 3 2 1 and 1 3 0 2: 1 − 6 · (1 + 0 + 4 + 1) / (4 · 15).
        #expect(close(MapAgreement.rankCorrelation(map, [0.5, 0.8, 0.1, 0.6]), 0.4))
    }

    @Test func `equal values share a rank, and a flat map has no correlation`() {
        // Ranks 0.5 0.5 2 and 0 1 2: covariance 1.5, variances 1.5 and 2.
        #expect(close(MapAgreement.rankCorrelation([3, 3, 4], [1, 2, 3]), 1.5 / 3.0.squareRoot()))
        #expect(MapAgreement.rankCorrelation([1, 1, 1], [1, 2, 3]) == nil)
    }

    @Test func `structural similarity is 1 for the same map and falls with contrast, light and order`() {
        let map: [Float] = [0, 0.2, 0.6, 1]
        #expect(close(MapAgreement.structuralSimilarity(map, map), 1))
        let reversed = MapAgreement.structuralSimilarity(map, map.reversed())
        // Means 0.45, variance 0.1475, covariance −0.1425, constants 1e-4 and 9e-4.
        #expect(close(reversed, (2 * -0.1425 + 9e-4) / (2 * 0.1475 + 9e-4), tolerance: 1e-6))
        #expect(MapAgreement.structuralSimilarity(map, [0, 0, 0, 0]) < 0.01)
        #expect(MapAgreement.structuralSimilarity(map, map.map { $0 / 2 }) < 0.9)
    }
}
