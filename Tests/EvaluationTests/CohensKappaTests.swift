import Evaluation
import Testing

@Suite struct CohensKappaTests {
    private func matrix(_ counts: [[Int]]) -> ConfusionMatrix {
        var matrix = ConfusionMatrix(classes: counts.count)
        for (row, columns) in counts.enumerated() {
            for (column, count) in columns.enumerated() { matrix.add(label: row, predicted: column, times: count) }
        }
        return matrix
    }

    @Test func `kappa and its standard error agree with scikit-learn and the formula of 1969`() throws {
        let golden = try Golden.load()
        let kappa = try #require(CohensKappa(matrix(golden.confusion)))
        #expect(close(kappa.value, golden.kappa))
        #expect(close(kappa.standardError, golden.kappaStandardError))
        #expect(close(kappa.observed, golden.accuracy))
        #expect(kappa.total == golden.labels.count)
    }

    /// Fleiss, Statistical Methods for Rates and Proportions, 1981, table 13.1; and the example of the SAS manual, FREQ
    /// procedure, which prints κ = 0.4842, ASE = 0.1380 and the interval 0.2137 to 0.7547.
    @Test(arguments: [
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.6765, 0.0877, 0.5046, 0.8484),
        ([[0, 4, 1], [0, 8, 0], [0, 1, 5]], 0.4842, 0.1380, 0.2137, 0.7547),
    ])
    func `published tables give the published figures`(
        counts: [[Int]], value: Double, error: Double, lower: Double, upper: Double
    ) throws {
        let kappa = try #require(CohensKappa(matrix(counts)))
        #expect(close(kappa.value, value, tolerance: 5e-5))
        #expect(close(kappa.standardError, error, tolerance: 5e-5))
        let interval = try #require(kappa.interval95)
        #expect(close(interval.lower, lower, tolerance: 1e-4))
        #expect(close(interval.upper, upper, tolerance: 1e-4))
    }

    @Test func `who reads what does not matter`() throws {
        let counts = [[20, 5, 1], [2, 30, 4], [0, 3, 10]]
        let turned = (0..<3).map { row in (0..<3).map { counts[$0][row] } }
        let (first, second) = (try #require(CohensKappa(matrix(counts))), try #require(CohensKappa(matrix(turned))))
        #expect(close(first.value, second.value))
        #expect(close(first.standardError, second.standardError))
    }

    @Test func `agreement no better than chance is zero, systematic disagreement is below`() throws {
        let chance = try #require(CohensKappa(matrix([[10, 10], [10, 10]])))
        #expect(close(chance.value, 0))
        let contrary = try #require(CohensKappa(matrix([[0, 10], [10, 0]])))
        #expect(close(contrary.value, -1))
    }

    @Test func `complete agreement is one, and the formula gives it no interval`() throws {
        let kappa = try #require(CohensKappa(matrix([[7, 0], [0, 5]])))
        #expect(close(kappa.value, 1))
        #expect(close(kappa.standardError, 0, tolerance: 1e-7))
        #expect(kappa.interval95 == nil)
    }

    @Test func `an interval stays within minus one and one`() throws {
        let interval = try #require(CohensKappa(matrix([[3, 0], [1, 1]]))?.interval95)
        #expect(interval.lower >= -1 && interval.upper <= 1 && interval.lower < interval.upper)
    }

    @Test(arguments: [[[0, 0], [0, 0]], [[9, 0], [0, 0]]])
    func `without images, or with one class alone, there is no kappa`(counts: [[Int]]) {
        #expect(CohensKappa(matrix(counts)) == nil)
    }
}
