import Findings
import Foundation

/// The white cells of one or more images divided into types, as they count now and as the network had typed them.
///
/// Percentages are of the white cells; erythroblasts, smudges and platelets are told apart. Intervals know the number of
/// cells alone (Wilson 1927): how the smear was made and where it was photographed they cannot know.
public struct DifferentialCount: Sendable, Equatable {
    /// White cells that are to be counted.
    public static let wanted = 200
    /// Types in the order in which a count names them: blasts on top, what is not sure last.
    public static let order: [CellType] = [
        .blast, .immatureGranulocyte, .neutrophil, .eosinophil, .basophil, .monocyte, .lymphocyte, .unsure,
    ]
    /// What is counted beside the white cells.
    public static let outside: [CellType] = CellType.allCases.filter { !$0.isWhiteCell }

    /// One type of white cells.
    public struct Line: Sendable, Equatable {
        public let type: CellType
        public let now: CountedShare
        public let network: CountedShare
    }

    /// As the cells count now.
    public let now: Differential
    /// As the network typed them.
    public let network: Differential
    /// Cells whose type a reader changed.
    public let changed: Int

    public init(_ cells: [SmearCell]) {
        now = Differential(cells.map(\.type))
        network = Differential(cells.map(\.network.type))
        changed = cells.count { $0.readerType != nil }
    }

    /// White cells that count.
    public var counted: Int { now.total }
    /// White cells that are still to be counted, 0 or more.
    public var missing: Int { max(0, Self.wanted - counted) }
    public var blasts: CountedShare { now.share(of: .blast) }
    /// Blasts, and every type that occurs in either count.
    public var lines: [Line] {
        Self.order.filter { $0 == .blast || now.counts[$0] != nil || network.counts[$0] != nil }.map {
            Line(type: $0, now: now.share(of: $0), network: network.share(of: $0))
        }
    }
}
