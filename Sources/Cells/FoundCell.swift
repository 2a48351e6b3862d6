import Findings
import Imaging

/// A white cell that was found in an image.
public struct FoundCell: Sendable, Equatable {
    /// The outline with its measures, in pixels of the image and in red cells.
    public let outlined: OutlinedCell
    /// How sure the finder is that a cell is here, 0 to 1.
    public let confidence: Double

    public init(outlined: OutlinedCell, confidence: Double) {
        (self.outlined, self.confidence) = (outlined, confidence)
    }

    /// Around the cell, in pixels of the image.
    public var box: OutlinedCell.Box { outlined.box }
    /// Centre of gravity of the nucleus, in pixels of the image.
    public var centre: PixelPlace { outlined.centre }
    /// The cell's border, as shares of the image's width and height.
    public var contour: [CellSegmentation.Point] { outlined.cellOutline }
}

/// A found cell and what was read from it.
public struct ReadCell: Sendable, Equatable {
    public let found: FoundCell
    /// The likeliest type, or `unsure`.
    public let type: CellType
    /// One probability a type but `unsure`; together 1.
    public let typeProbabilities: [CellType: Double]
    /// How much it looks like a blast by size and shape: calibrated log-odds, 0 where either is as likely.
    public let blastEvidence: Double
    /// What tells it from other cells.
    public let embedding: CellEmbedding
    /// `blastEvidence` as a probability.
    public var blastProbability: Double { FieldModel.sigmoid(blastEvidence) }

    public init(
        found: FoundCell, type: CellType, typeProbabilities: [CellType: Double], blastEvidence: Double,
        embedding: CellEmbedding
    ) {
        (self.found, self.type, self.embedding) = (found, type, embedding)
        (self.typeProbabilities, self.blastEvidence) = (typeProbabilities, blastEvidence)
    }
}
