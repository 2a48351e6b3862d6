import Comparison
import Testing

@Suite struct ExtremeLearningMachineTests {
    /// H = (1 0; 0 2; 1 1), T = (1; 2; 0): HᵀH = (2 1; 1 5), HᵀT = (1; 4). With C = 1 the system is (3 1; 1 6) β = (1; 4), whose
    /// determinant is 17: β = (2/17, 11/17). With C = 1/2 it is (4 1; 1 7), determinant 27: β = (3/27, 15/27).
    @Test func `output weights are those of ridge regression`() throws {
        let found = try ExtremeLearningMachine.outputWeights(
            hidden: [1, 0, 0, 2, 1, 1], targets: [1, 2, 0], nodes: 2, outputs: 1, costs: [1, 0.5])
        let expected: [[Float]] = [[2.0 / 17, 11.0 / 17], [3.0 / 27, 15.0 / 27]]
        #expect(found.count == 2)
        for (row, wanted) in zip(found, expected) {
            #expect(row.count == 2)
            for (value, target) in zip(row, wanted) { #expect(abs(value - target) < 1e-6) }
        }
    }

    /// Two outputs share the system: each column is solved by itself.
    @Test func `several outputs are solved side by side`() throws {
        let found = try ExtremeLearningMachine.outputWeights(
            hidden: [1, 0, 0, 2, 1, 1], targets: [1, 1, 2, 2, 0, 0], nodes: 2, outputs: 2, costs: [1])
        for (value, target) in zip(found[0], [2.0 / 17, 2.0 / 17, 11.0 / 17, 11.0 / 17] as [Float]) {
            #expect(abs(value - target) < 1e-6)
        }
    }

    @Test func `a ridge that is none is refused`() {
        #expect(throws: ComparisonError.self) {
            try ExtremeLearningMachine.outputWeights(
                hidden: [1, 0, 0, 2], targets: [1, 2], nodes: 2, outputs: 1, costs: [0])
        }
    }
}
