import Foundation

/// The figures of a package's `metrics.json` that the Learn page shows.
struct PublishedFigures: Sendable {
    /// One figure, rounded for people and exact beside it.
    struct Row: Sendable {
        let name: String
        let value: String
        let exact: String
        let interval: String?
    }

    private let values: [String: Double]
    private let intervals: [String: [Double]]
    /// How the figures were measured, in words, where the file says so.
    let protocolName: String?

    private static let shares = ["accuracy", "macroF1", "malignantSensitivity", "benignSpecificity"]
    private static let order = ["images"] + shares + ["auroc", "ece15", "brier"]

    /// - Parameter data: The content of `metrics.json`.
    /// - Throws: `WebError.resource` when it is no JSON object.
    init(json data: Data) throws {
        let object: Any
        do { object = try JSONSerialization.jsonObject(with: data) } catch {
            throw WebError(.resource, "metrics.json of the model package is no JSON: \(error)")
        }
        guard let object = object as? [String: Any] else {
            throw WebError(.resource, "metrics.json of the model package is no JSON object.")
        }
        values = object.compactMapValues { ($0 as? NSNumber)?.doubleValue }.filter { Self.order.contains($0.key) }
        let bounds = object["confidenceIntervals95"] as? [String: Any] ?? [:]
        intervals = bounds.compactMapValues { ($0 as? [NSNumber])?.map(\.doubleValue) }.filter { $0.value.count == 2 }
        protocolName = object["protocol"] as? String
    }

    /// The rows of the table, in a fixed order; figures that the file lacks are left out.
    func rows(text: TextCatalogue) -> [Row] {
        Self.order.compactMap { key in
            guard let value = values[key] else { return nil }
            return Row(
                name: text("learn.names.\(key)"), value: Self.rounded(value, key), exact: String(value),
                interval: intervals[key].map { "\(Self.rounded($0[0], key)) – \(Self.rounded($0[1], key))" })
        }
    }

    private static func rounded(_ value: Double, _ key: String) -> String {
        if key == "images" { return String(Int(value)) }
        if shares.contains(key) { return "\(String(format: "%.1f", value * 100))\u{a0}%" }
        return String(format: "%.3f", value)
    }
}
