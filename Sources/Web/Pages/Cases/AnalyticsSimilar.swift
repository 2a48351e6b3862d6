import Findings
import Foundation
import Screening
import Wording

/// The reference cases most like an image, as a list and as a plane of dots; there is no picture of them.
struct AnalyticsSimilar: Sendable {
    /// A row of the list.
    struct Row: Sendable {
        let number: String
        let id: String
        let name: String
        let cosine: String
    }

    /// The dots of one class as one path.
    struct Group: Sendable {
        let name: String
        /// `benign`, `early-pre-b` …: decides the colour.
        let key: String
        let path: String
        /// One mark of the class, for the legend, around the middle of a field of 40 by 40.
        let mark: String
    }

    /// A ring with its number around a near case.
    struct Ring: Sendable {
        let number: String
        let x: String
        let y: String
        let textX: String
    }

    let rows: [Row]
    let groups: [Group]
    let rings: [Ring]
    /// The image itself.
    let cross: String
    let crossMark: String
    let alt: String
    let counted: String

    init(_ similar: SimilarCases, text: TextCatalogue) {
        rows = similar.nearest.enumerated().map { place, found in
            Row(
                number: String(place + 1), id: found.id, name: text("classes.\(found.label).name"),
                cosine: String(format: "%.3f", found.cosine))
        }
        groups = SmearClass.allCases.map { smearClass in
            let points = similar.points.filter { $0.label == smearClass.index }
            return Group(
                name: text("classes.\(smearClass).name"), key: smearClass.rawValue,
                path: points.map { Self.mark(smearClass, $0.x, $0.y) }.joined(), mark: Self.mark(smearClass, 20, 20))
        }
        rings = similar.nearestPoints.enumerated().compactMap { place, index in
            guard similar.points.indices.contains(index) else { return nil }
            let point = similar.points[index]
            return Ring(
                number: String(place + 1), x: String(point.x), y: String(point.y),
                textX: String(point.x > 940 ? point.x - 50 : point.x + 24))
        }
        cross = similar.points.filter { $0.label < 0 }.map { Self.cross($0.x, $0.y) }.joined()
        crossMark = Self.cross(20, 20)
        let count = similar.points.count { $0.label >= 0 }
        alt = text(
            "analytics.similarAlt",
            ["count": String(count), "nearest": similar.nearest.first.map { text("classes.\($0.label).short") } ?? ""])
        counted = text("analytics.similarCounted", ["count": String(count)])
    }

    /// Circle, square, triangle or diamond of about 20 units: shape tells the classes apart where colour does not.
    private static func mark(_ smearClass: SmearClass, _ x: Int, _ y: Int) -> String {
        switch smearClass {
        case .benign: "M\(x - 9) \(y)a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"
        case .earlyPreB: "M\(x - 8) \(y - 8)h16v16h-16z"
        case .preB: "M\(x) \(y - 10)l10 18h-20z"
        case .proB: "M\(x) \(y - 11)l11 11l-11 11l-11-11z"
        }
    }

    private static func cross(_ x: Int, _ y: Int) -> String { "M\(x - 18) \(y - 18)l36 36m0-36l-36 36" }
}
