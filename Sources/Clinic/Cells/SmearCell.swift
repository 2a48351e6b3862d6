import Findings

/// Around a cell, in pixels of the upright original, from the left and the top.
public struct CellBox: Sendable, Equatable, Codable {
    public let x: Double
    public let y: Double
    public let width: Double
    public let height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// The area that both share by the area that they cover together, 0 to 1.
    public func overlap(with other: CellBox) -> Double {
        let wide = min(x + width, other.x + other.width) - max(x, other.x)
        let high = min(y + height, other.y + other.height) - max(y, other.y)
        guard wide > 0, high > 0 else { return 0 }
        return wide * high / (width * height + other.width * other.height - wide * high)
    }
}

/// A cell as the network found and typed it; of every type, platelets and unsure ones among them.
public struct NetworkCell: Sendable, Equatable {
    /// Of its image, from 1; the surest find first.
    public let number: Int
    public let box: CellBox
    public let type: CellType
    /// How probable `type` is, 0 to 1; of an unsure cell that of the likeliest type.
    public let typeProbability: Double
    /// How much it looks like a blast, calibrated, 0 to 1.
    public let blastEvidence: Double
    /// In areas of a red cell.
    public let nucleusArea: Double
    /// How sure the finder is that a cell is here, 0 to 1.
    public let confidence: Double
    public let embedding: CellEmbedding

    public init(
        number: Int, box: CellBox, type: CellType, typeProbability: Double, blastEvidence: Double,
        nucleusArea: Double, confidence: Double, embedding: CellEmbedding
    ) {
        (self.number, self.box, self.type, self.typeProbability) = (number, box, type, typeProbability)
        (self.blastEvidence, self.nucleusArea, self.confidence) = (blastEvidence, nucleusArea, confidence)
        self.embedding = embedding
    }
}

/// Names a cell of a screened image; as a text `SCREENING.NUMBER`.
public struct CellKey: Sendable, Hashable {
    public let screeningID: ScreeningID
    public let number: Int

    public init(_ screeningID: ScreeningID, _ number: Int) { (self.screeningID, self.number) = (screeningID, number) }

    /// - Parameter text: As `text` gives it; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = ScreeningID(String(parts[0])), let number = Int(parts[1]), number > 0,
            String(number) == parts[1]
        else { return nil }
        self.init(id, number)
    }

    public var text: String { "\(screeningID).\(number)" }
}

/// A stored cell: what the network takes it for, and beside that what a reader says.
public struct SmearCell: Sendable, Equatable {
    public let screeningID: ScreeningID
    /// As the network found it; readers change nothing of this.
    public let network: NetworkCell
    /// What readers made of it; nil where none says otherwise than the network.
    public let readerType: CellType?

    public init(screeningID: ScreeningID, network: NetworkCell, readerType: CellType? = nil) {
        (self.screeningID, self.network) = (screeningID, network)
        self.readerType = readerType == network.type ? nil : readerType
    }

    public var key: CellKey { CellKey(screeningID, network.number) }
    /// What it counts as.
    public var type: CellType { readerType ?? network.type }
}
