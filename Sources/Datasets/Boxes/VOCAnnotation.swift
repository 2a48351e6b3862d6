import Foundation

/// Boxes in the XML of Pascal VOC (Everingham et al. 2010): `object` with `name` and `bndbox` of whole pixels.
enum VOCAnnotation {
    static let kinds: [String: BoxedImage.Kind] = ["RBC": .redCell, "WBC": .whiteCell, "Platelets": .platelet]

    /// - Throws: `DatasetError` `malformedTable` for an object without a known name or without numbers.
    static func boxes(_ text: String, path: String) throws -> [BoxedImage.Box] {
        try text.components(separatedBy: "<object>").dropFirst().map { object in
            let edges = ["xmin", "ymin", "xmax", "ymax"].compactMap { value($0, in: object).flatMap(Double.init) }
            guard let kind = value("name", in: object).flatMap({ kinds[$0] }), edges.count == 4 else {
                throw DatasetError(
                    .malformedTable, "an object needs a name (RBC, WBC, Platelets) and four numbers", path: path)
            }
            return BoxedImage.Box(
                kind: kind, x: edges[0], y: edges[1], width: edges[2] - edges[0], height: edges[3] - edges[1])
        }
    }

    private static func value(_ tag: String, in text: String) -> String? {
        guard let start = text.range(of: "<\(tag)>"),
            let end = text.range(of: "</\(tag)>", range: start.upperBound..<text.endIndex)
        else { return nil }
        return text[start.upperBound..<end.lowerBound].trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
