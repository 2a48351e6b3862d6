import Evaluation
import Foundation
import Testing

@Suite struct KCenterSelectionTests {
    private func direction(_ degrees: Double) -> [Float] {
        [Float(cos(degrees * .pi / 180)), Float(sin(degrees * .pi / 180))]
    }

    @Test func `begins with the most typical and goes to the farthest`() {
        let points = [0.0, 10, 20, 30, 90].map(direction)
        // The mean direction is about 28°; then 90°, then 0°.
        #expect(KCenterSelection.choose(points, count: 3) == [3, 4, 0])
    }

    @Test func `copies are taken once, and no more than there are`() {
        let points = [0.0, 0, 40, 40, 40].map(direction)
        #expect(Set(KCenterSelection.choose(points, count: 5).map { $0 < 2 }) == [true, false])
        #expect(KCenterSelection.choose(points, count: 5).count == 2)
        #expect(KCenterSelection.choose([], count: 3).isEmpty)
        #expect(KCenterSelection.choose(points, count: 0).isEmpty)
    }
}

@Suite struct PrincipalComponentsTests {
    /// Along (3, 4, 0) / 5 with deviation 10, along (0, 0, 1) with deviation 1, about (1, 2, 3).
    private func cloud() -> [[Float]] {
        (0..<200).map { index in
            let (long, short) = (10 * sin(Double(index) * 1.7), cos(Double(index) * 2.3))
            return [Float(1 + 0.6 * long), Float(2 + 0.8 * long), Float(3 + short)]
        }
    }

    @Test func `finds the directions in order of their variance`() throws {
        let found = try PrincipalComponents(cloud(), count: 2)
        for (value, expected) in zip(found.components[0], [0.6, 0.8, 0] as [Float]) {
            #expect(abs(value - expected) < 0.02)
        }
        #expect(abs(found.components[1][2] - 1) < 0.02)
        let product = zip(found.components[0], found.components[1]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product) < 1e-5)
    }

    @Test func `a projection is the distance along each direction`() throws {
        let found = try PrincipalComponents(cloud(), count: 2)
        let mean = found.mean
        #expect(found.project([mean])[0].allSatisfy { abs($0) < 1e-5 })
        let moved = zip(mean, found.components[0]).map { $0 + 4 * $1 }
        #expect(abs(found.project([moved])[0][0] - 4) < 1e-3)
    }

    @Test func `points that do not vary enough are refused`() {
        #expect(throws: EvaluationError.self) { try PrincipalComponents([[1, 2], [1, 2], [1, 2]], count: 1) }
        #expect(throws: EvaluationError.self) { try PrincipalComponents([[0, 0], [1, 1], [2, 2]], count: 2) }
        #expect(throws: EvaluationError.self) { try PrincipalComponents([[1, 2]], count: 1) }
        #expect(throws: EvaluationError.self) { try PrincipalComponents([[1, 2], [1]], count: 1) }
    }
}
