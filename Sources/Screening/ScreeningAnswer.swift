import Findings
import Formats
import Foundation
import Wording

/// An outcome as programs are told it, its reasons as sentences and as codes: the object of `predict --json` and of the API.
public struct ScreeningAnswer: Encodable, Sendable {
    private let outcome: ScreeningOutcome
    private let reasons: [String]
    private let sentSHA256: String?
    private let site: Site

    /// What is said of the microscope.
    public struct Site: Sendable, Equatable {
        /// Nil where it is not known.
        public let name: String?
        /// `unqualified`, `qualified` or `suspended`.
        public let qualification: String

        public init(name: String?, qualification: String) { (self.name, self.qualification) = (name, qualification) }

        /// A microscope that nobody named.
        public static let unknown = Site(name: nil, qualification: "unqualified")
    }

    /// - Parameters:
    ///   - outcome: What was found.
    ///   - text: The words of the reasons.
    ///   - sentSHA256: SHA-256 of the file as it was sent, where what was screened is the stored, re-encoded image; nil
    ///     where the file itself was screened.
    ///   - site: What is said of the microscope.
    public init(
        _ outcome: ScreeningOutcome, text: TextCatalogue, sentSHA256: String? = nil, site: Site = .unknown
    ) {
        (self.outcome, self.site) = (outcome, site)
        reasons = outcome.reasons.map { text($0.message) }
        self.sentSHA256 = sentSHA256
    }

    /// Writes the object.
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws { try object().encode(to: encoder) }

    /// The object as JSON on one line, its fields and classes in the documented order.
    /// - Parameter file: The path to add as a first field, for answers to many images.
    /// - Throws: `EncodingError`.
    public func json(file: String? = nil) throws -> String { try object(file: file).json() }

    private func object(file: String? = nil) -> OrderedObject {
        let timings = OrderedObject([
            ("decodeMs", outcome.timings.decodeMs), ("preprocessMs", outcome.timings.preprocessMs),
            ("inferenceMs", outcome.timings.inferenceMs), ("cellsMs", outcome.timings.cellsMs),
        ])
        return OrderedObject([
            ("file", file), ("label", outcome.label), ("displayName", outcome.displayName),
            ("probabilities", OrderedObject(SmearClass.allCases.map { ($0.rawValue, outcome.probabilities[$0]) })),
            ("confidence", outcome.confidence), ("decision", outcome.decision), ("reasons", reasons),
            ("reasonCodes", outcome.reasons.map(\.code)), ("predictionSet", outcome.predictionSet),
            ("novelty", outcome.novelty), ("similarCases", outcome.similarCases), ("quality", outcome.quality),
            ("scale", outcome.cells?.scale), ("fields", fields), ("cells", cells),
            ("blastEvidence", outcome.cells?.blastEvidence.value),
            ("site", OrderedObject([("name", site.name), ("qualification", site.qualification)])),
            ("model", outcome.model), ("image", image), ("timings", timings), ("notice", outcome.notice),
        ])
    }

    private var fields: OrderedObject? {
        outcome.fields.map { fields in
            OrderedObject([
                ("read", fields.read), ("refused", fields.refused),
                ("skipped", OrderedObject(FieldFault.allCases.map { ($0.rawValue, fields.skipped($0)) })),
            ])
        }
    }

    private var cells: OrderedObject? {
        guard let cells = outcome.cells else { return nil }
        let (differential, blasts) = (cells.differential, cells.differential.share(of: .blast))
        let counts = CellType.allCases.map { ($0.rawValue, differential.counts[$0]) }
        func percentage(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
        return OrderedObject([
            ("found", cells.found), ("differential", OrderedObject(counts)),
            (
                "blastPercentage",
                OrderedObject([
                    ("value", differential.total > 0 ? percentage(blasts.share) : nil),
                    ("low95", percentage(blasts.interval.lowerBound)),
                    ("high95", percentage(blasts.interval.upperBound)),
                ])
            ),
            (
                "blastEvidenceInterval",
                OrderedObject([("low95", cells.blastEvidence.low95), ("high95", cells.blastEvidence.high95)])
            ),
        ])
    }

    private var image: OrderedObject {
        let image = outcome.image
        let sums =
            sentSHA256.map { [("sentSHA256", $0), ("storedSHA256", image.sha256)] } ?? [("sha256", image.sha256)]
        return OrderedObject([("width", image.width), ("height", image.height)] + sums)
    }
}

/// A JSON object whose fields keep their order; `JSONEncoder` orders them by hash or alphabet.
private struct OrderedObject: Encodable {
    private let fields: [(name: String, value: any Encodable)]

    /// - Parameter fields: Those without a value are left out.
    init(_ fields: [(String, (any Encodable)?)]) {
        self.fields = fields.compactMap { name, value in value.map { (name, $0) } }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in fields { try container.encode(value, forKey: Name(stringValue: name)) }
    }

    func json() throws -> String {
        let parts = try fields.map { name, value in
            "\(try Self.text(name)):\(try (value as? OrderedObject)?.json() ?? Self.text(value))"
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func text(_ value: some Encodable) throws -> String { try JSONFormat.line.text(value) }
}
