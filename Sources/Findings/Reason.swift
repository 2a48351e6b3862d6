/// Why an image is answered, left open or refused: what was found and the limit it was held against, in no language.
///
/// The sentence is made when it is shown (`message`). In rows a reason is an object of its `code` and its facts.
public enum Reason: Sendable, Hashable, Codable {
    case blurred(found: Double, limit: Double)
    case tooDark(found: Double, limit: Double)
    case tooBright(found: Double, limit: Double)
    case lowContrast(found: Double, limit: Double)
    case littleStained(found: Double, limit: Double)
    /// It cannot be a stained smear.
    case notASmear(MissingContent)
    /// It is unlike the training images; `aspect` is in what most of all, where the score tells.
    case unfamiliar(found: Double, limit: Double, aspect: AppearanceAspect?)
    /// More than one class remains possible at a coverage from 0 to 1.
    case severalClasses([SmearClass], coverage: Double)
    case lowConfidence(found: Double, limit: Double)
    /// One class alone remains possible.
    case standsOut(SmearClass, confidence: Double, coverage: Double)
    /// A sentence of an answer from before reasons had codes; shown as it is.
    case told(String)

    /// The stable name, for programs.
    public var code: String { kind.rawValue }

    private enum Kind: String, Codable {
        case blurred
        case tooDark = "too-dark"
        case tooBright = "too-bright"
        case lowContrast = "low-contrast"
        case littleStained = "little-stained"
        case notASmear = "not-a-smear"
        case unfamiliar
        case severalClasses = "several-classes"
        case lowConfidence = "low-confidence"
        case standsOut = "stands-out"
        case told
    }

    private var kind: Kind {
        switch self {
        case .blurred: .blurred
        case .tooDark: .tooDark
        case .tooBright: .tooBright
        case .lowContrast: .lowContrast
        case .littleStained: .littleStained
        case .notASmear: .notASmear
        case .unfamiliar: .unfamiliar
        case .severalClasses: .severalClasses
        case .lowConfidence: .lowConfidence
        case .standsOut: .standsOut
        case .told: .told
        }
    }

    /// The sentence, for the catalogue.
    public var message: Message {
        switch self {
        case .blurred(let found, let limit), .tooDark(let found, let limit), .tooBright(let found, let limit),
            .lowContrast(let found, let limit), .littleStained(let found, let limit):
            Message("reasons.\(code)", Self.compared(found, limit))
        case .notASmear(let missing):
            Message("reasons.\(code)", ["missing": .term("reasons.missing.\(missing.rawValue)")])
        case .unfamiliar(let found, let limit, let aspect):
            Message(
                "reasons.\(code).\(aspect == nil ? "plain" : "aspect")",
                Self.compared(found, limit).merging(
                    aspect.map { ["aspect": .term("reasons.aspects.\($0.rawValue)")] } ?? [:]
                ) { $1 })
        case .severalClasses(let classes, let coverage):
            Message("reasons.\(code)", ["classes": .list(classes.map(Self.name)), "coverage": .share(coverage)])
        case .lowConfidence(let found, let limit):
            Message("reasons.\(code)", ["found": .share(found), "limit": .share(limit)])
        case .standsOut(let smearClass, let confidence, let coverage):
            Message(
                "reasons.\(code)",
                ["class": Self.name(smearClass), "confidence": .share(confidence), "coverage": .share(coverage)])
        case .told(let sentence): Message("reasons.\(code)", ["sentence": .text(sentence)])
        }
    }

    private static func compared(_ found: Double, _ limit: Double) -> [String: Fact] {
        ["found": .compared(found, with: limit), "limit": .compared(limit, with: found)]
    }

    private static func name(_ smearClass: SmearClass) -> Fact { .term("classes.\(smearClass.rawValue).name") }

    // MARK: Rows

    private enum Key: String, CodingKey {
        case code, found, limit, missing, aspect, classes, coverage, label, confidence, sentence
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        func number(_ key: Key) throws -> Double { try values.decode(Double.self, forKey: key) }
        switch try values.decode(Kind.self, forKey: .code) {
        case .blurred: self = .blurred(found: try number(.found), limit: try number(.limit))
        case .tooDark: self = .tooDark(found: try number(.found), limit: try number(.limit))
        case .tooBright: self = .tooBright(found: try number(.found), limit: try number(.limit))
        case .lowContrast: self = .lowContrast(found: try number(.found), limit: try number(.limit))
        case .littleStained: self = .littleStained(found: try number(.found), limit: try number(.limit))
        case .notASmear: self = .notASmear(try values.decode(MissingContent.self, forKey: .missing))
        case .unfamiliar:
            self = .unfamiliar(
                found: try number(.found), limit: try number(.limit),
                aspect: try values.decodeIfPresent(AppearanceAspect.self, forKey: .aspect))
        case .severalClasses:
            self = .severalClasses(
                try values.decode([SmearClass].self, forKey: .classes), coverage: try number(.coverage))
        case .lowConfidence: self = .lowConfidence(found: try number(.found), limit: try number(.limit))
        case .standsOut:
            self = .standsOut(
                try values.decode(SmearClass.self, forKey: .label), confidence: try number(.confidence),
                coverage: try number(.coverage))
        case .told: self = .told(try values.decode(String.self, forKey: .sentence))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(kind, forKey: .code)
        switch self {
        case .blurred(let found, let limit), .tooDark(let found, let limit), .tooBright(let found, let limit),
            .lowContrast(let found, let limit), .littleStained(let found, let limit),
            .lowConfidence(let found, let limit):
            try values.encode(found, forKey: .found)
            try values.encode(limit, forKey: .limit)
        case .notASmear(let missing): try values.encode(missing, forKey: .missing)
        case .unfamiliar(let found, let limit, let aspect):
            try values.encode(found, forKey: .found)
            try values.encode(limit, forKey: .limit)
            try values.encodeIfPresent(aspect, forKey: .aspect)
        case .severalClasses(let classes, let coverage):
            try values.encode(classes, forKey: .classes)
            try values.encode(coverage, forKey: .coverage)
        case .standsOut(let smearClass, let confidence, let coverage):
            try values.encode(smearClass, forKey: .label)
            try values.encode(confidence, forKey: .confidence)
            try values.encode(coverage, forKey: .coverage)
        case .told(let sentence): try values.encode(sentence, forKey: .sentence)
        }
    }
}
