import Findings
import Packaging
import Tensors

/// The reference cases most like an image, by the cosine of their embeddings, and where all of them lie on a plane.
///
/// The reference cases are images of the training set, of which the package carries no picture.
public struct SimilarCases: Codable, Sendable, Equatable {
    /// One reference case, or the image itself, on the plane.
    public struct Point: Sendable, Equatable {
        /// Class number, in the order of the model's classes; −1 for the image itself.
        public let label: Int
        /// Place in the picture, in thousandths from the left and from the top, 0 to 1000.
        public let x: Int
        public let y: Int
    }

    /// How many are named.
    public static let count = 5

    /// The nearest first.
    public let nearest: [ScreeningOutcome.SimilarCase]
    /// All reference cases, then the image itself.
    public let points: [Point]
    /// Positions of `nearest` in `points`.
    public let nearestPoints: [Int]

    /// A search for the nearest, which is all that a result without pictures needs.
    struct Search: Sendable {
        /// The nearest first.
        let nearest: [ScreeningOutcome.SimilarCase]
        /// Of `nearest` in the references.
        fileprivate let rows: [Int]
        /// The embedding, of unit length.
        fileprivate let unit: [Float]

        /// - Parameters:
        ///   - embedding: `[E]`, of any length but 0.
        ///   - references: Of the package that gave the embedding.
        /// - Returns: Nil for an embedding without length.
        init?(_ embedding: [Float], among references: ReferenceCases) {
            let length = embedding.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard length > 0, length.isFinite else { return nil }
            unit = embedding.map { $0 / length }
            let order = SimilarCases.order(unit, references)
            nearest = order.map { row, cosine in
                // A package that is open names only the four classes.
                ScreeningOutcome.SimilarCase(
                    id: references.ids[row], label: SmearClass.allCases[references.labels[row]],
                    cosine: Double(max(-1, min(1, cosine))))
            }
            rows = order.map(\.row)
        }
    }

    /// - Parameters:
    ///   - search: What was found.
    ///   - references: Where it was searched.
    init(_ search: Search, among references: ReferenceCases) {
        nearest = search.nearest
        nearestPoints = search.rows
        points = Self.points(references.places + [references.place(search.unit)], labels: references.labels + [-1])
    }

    /// Rows and their cosines, the nearest first, of equal ones the first.
    private static func order(_ unit: [Float], _ references: ReferenceCases) -> [(row: Int, cosine: Float)] {
        let cosines = references.embeddings.rowProducts(with: unit)
        let rows = cosines.indices.sorted { (cosines[$1], $0) < (cosines[$0], $1) }
        return rows.prefix(count).map { ($0, cosines[$0]) }
    }

    /// The places in a square with a margin, both axes at one scale.
    private static func points(_ places: [ReferenceCases.Place], labels: [Int]) -> [Point] {
        let (xs, ys) = (places.map(\.x), places.map(\.y))
        guard let left = xs.min(), let right = xs.max(), let low = ys.min(), let high = ys.max() else { return [] }
        let side = max(right - left, high - low, 1e-9)
        let (middleX, middleY) = ((left + right) / 2, (low + high) / 2)
        return zip(places, labels).map { place, label in
            Point(
                label: label, x: Int((500 + 940 * (place.x - middleX) / side).rounded()),
                y: Int((500 - 940 * (place.y - middleY) / side).rounded()))
        }
    }
}

extension SimilarCases.Point: Codable {
    /// `[label, x, y]`: there are hundreds in each stored answer.
    public init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        label = try values.decode(Int.self)
        x = try values.decode(Int.self)
        y = try values.decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(label)
        try values.encode(x)
        try values.encode(y)
    }
}
