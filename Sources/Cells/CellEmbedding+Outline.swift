import Findings
import Foundation
import Imaging

extension CellEmbedding {
    /// Of an outlined cell: what the reading network answers for each type, then size, shape and stain of the nucleus.
    ///
    /// Each measure is 0 at a usual cell, so that the cosine of two cells tells how alike they are and not that both are
    /// cells; the weights bring half of the length from the network and half from what was measured.
    /// - Parameters:
    ///   - cell: With its measures.
    ///   - likelihoods: One a type, 0 to 1, each by itself, in the order of `CellType.answers`.
    init(_ cell: OutlinedCell, likelihoods: [Double]) {
        let stain = max(1e-6, cell.density.reduce(0, +))
        let shares = cell.density.map { ($0 / stain - 1 / 3) * 4 }
        self.init(
            likelihoods + [
                0.8 * tanh(log(max(0.05, cell.nucleusArea) / 1.6)), 0.8 * tanh(log(max(0.05, cell.cellArea) / 2.6)),
                1.5 * (cell.nucleusArea / max(cell.nucleusArea, cell.cellArea, 0.05) - 0.65),
                3 * (cell.solidity - 0.9), 0.25 * (Double(min(cell.nucleusParts, 4)) - 1.5), tanh(stain - 1.5) / 2,
            ] + shares)
    }
}
