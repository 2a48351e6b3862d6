import Formats
import Foundation

extension ScreeningResult {
    /// The object as JSON on one line, its fields and classes in the documented order.
    ///
    /// `JSONEncoder` orders keys by hash or alphabet, so the outer object is put together here; every value in it is
    /// written by `JSONEncoder`.
    /// - Parameter file: the path to add as a first field, for answers to many images.
    /// - Throws: `EncodingError`.
    public func json(file: String? = nil) throws -> String {
        var fields: [(String, String)] = []
        if let file { fields.append(("file", try Self.text(file))) }
        let classes = try zip(probabilities.keys, probabilities.values).map { key, value in
            (key, try Self.text(value))
        }
        fields += [
            ("label", try Self.text(label)),
            ("displayName", try Self.text(displayName)),
            ("probabilities", try Self.object(classes)),
            ("confidence", try Self.text(confidence)),
            ("decision", try Self.text(decision)),
            ("reasons", try Self.text(reasons)),
            ("predictionSet", try Self.text(predictionSet)),
            ("novelty", try Self.text(novelty)),
        ]
        if let similarCases { fields.append(("similarCases", try Self.text(similarCases))) }
        fields += [
            ("quality", try Self.text(quality)),
            ("model", try Self.text(model)),
            ("image", try Self.object(imageFields())),
            ("timings", try Self.object(timingFields())),
        ]
        if let notice { fields.append(("notice", try Self.text(notice))) }
        return try Self.object(fields)
    }

    private func imageFields() throws -> [(String, String)] {
        [
            ("width", try Self.text(image.width)), ("height", try Self.text(image.height)),
            ("sha256", try Self.text(image.sha256)),
        ]
    }

    private func timingFields() throws -> [(String, String)] {
        [
            ("decodeMs", try Self.text(timings.decodeMs)), ("preprocessMs", try Self.text(timings.preprocessMs)),
            ("inferenceMs", try Self.text(timings.inferenceMs)),
        ]
    }

    private static func object(_ fields: [(String, String)]) throws -> String {
        "{" + (try fields.map { "\(try text($0.0)):\($0.1)" }.joined(separator: ",")) + "}"
    }

    private static func text(_ value: some Encodable) throws -> String { try JSONFormat.line.text(value) }
}
