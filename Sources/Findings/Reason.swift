/// Why an image is answered, left open or refused: what was found and the limit it was held against, in no language.
///
/// The sentence is made when it is shown (`message`). Rows hold the names of the cases and of their facts; neither may
/// change.
public enum Reason: Sendable, Hashable, Codable {
    case blurred(found: Double, limit: Double)
    case tooDark(found: Double, limit: Double)
    case tooBright(found: Double, limit: Double)
    case lowContrast(found: Double, limit: Double)
    case littleStained(found: Double, limit: Double)
    /// It is a photograph of a screen: a regular pattern stands so far above all other detail (`DecisionFacts.pattern`).
    case screen(found: Double, limit: Double)
    /// It cannot be a stained smear.
    case notASmear(missing: MissingContent)
    /// It is unlike the training images; `aspect` is in what most of all, where the score tells.
    case unfamiliar(found: Double, limit: Double, aspect: AppearanceAspect?)
    /// None of the fields of a large image can be read.
    case noUsableField(fields: Int)
    /// More than one class remains possible at a coverage from 0 to 1.
    case severalClasses(classes: [SmearClass], coverage: Double)
    case lowConfidence(found: Double, limit: Double)
    /// The most probable class is benign, and the image is less like the training images than that answer asks for.
    case tooUnfamiliarForBenign(found: Double, limit: Double)
    /// A large image says benign as a whole, but some of the fields that were read look malignant.
    case fieldsDisagree(malignant: Int, read: Int)
    /// The whole picture says `label`, its white cells say otherwise: their evidence of blasts and the limit that would agree,
    /// both 0 to 1.
    case readersDisagree(label: SmearClass, evidence: Double, limit: Double)
    /// The whole picture says benign, and the white cells could not be asked.
    case unchecked(missing: MissingCheck)
    /// One class alone remains possible.
    case standsOut(label: SmearClass, confidence: Double, coverage: Double)
    /// A sentence of an answer from before reasons had codes; shown as it is.
    case told(sentence: String)

    /// The stable name, for programs.
    public var code: String {
        switch self {
        case .blurred: "blurred"
        case .tooDark: "too-dark"
        case .tooBright: "too-bright"
        case .lowContrast: "low-contrast"
        case .littleStained: "little-stained"
        case .screen: "screen"
        case .notASmear: "not-a-smear"
        case .unfamiliar: "unfamiliar"
        case .noUsableField: "no-usable-field"
        case .severalClasses: "several-classes"
        case .lowConfidence: "low-confidence"
        case .tooUnfamiliarForBenign: "too-unfamiliar-for-benign"
        case .fieldsDisagree: "fields-disagree"
        case .readersDisagree: "readers-disagree"
        case .unchecked: "unchecked"
        case .standsOut: "stands-out"
        case .told: "told"
        }
    }

    /// The sentence, for the catalogue.
    public var message: Message {
        switch self {
        case .unfamiliar(_, _, let aspect): Message("reasons.\(code).\(aspect == nil ? "plain" : "aspect")", facts)
        case .readersDisagree(let label, _, _):
            Message("reasons.\(code).\(label.isMalignant ? "malignant" : "benign")", facts)
        default: Message("reasons.\(code)", facts)
        }
    }

    private var facts: [String: Fact] {
        switch self {
        case .blurred(let found, let limit), .tooDark(let found, let limit), .tooBright(let found, let limit),
            .lowContrast(let found, let limit), .littleStained(let found, let limit), .screen(let found, let limit),
            .unfamiliar(let found, let limit, nil), .tooUnfamiliarForBenign(let found, let limit):
            ["found": .compared(found, with: limit), "limit": .compared(limit, with: found)]
        case .unfamiliar(let found, let limit, let aspect?):
            [
                "found": .compared(found, with: limit), "limit": .compared(limit, with: found),
                "aspect": .term("reasons.aspects.\(aspect.rawValue)"),
            ]
        case .notASmear(let missing): ["missing": .term("reasons.missing.\(missing.rawValue)")]
        case .noUsableField(let fields): ["fields": .count(fields)]
        case .fieldsDisagree(let malignant, let read): ["malignant": .count(malignant), "read": .count(read)]
        case .severalClasses(let classes, let coverage):
            ["classes": .list(classes.map { .term("classes.\($0).name") }), "coverage": .share(coverage)]
        case .lowConfidence(let found, let limit): ["found": .share(found), "limit": .share(limit)]
        case .readersDisagree(.benign, let evidence, let limit):
            ["evidence": .share(evidence), "limit": .share(limit)]
        case .readersDisagree(let label, let evidence, let limit):
            ["class": .term("classes.\(label).name"), "evidence": .share(evidence), "limit": .share(limit)]
        case .unchecked(let missing): ["missing": .term("reasons.unchecked-for.\(missing.rawValue)")]
        case .standsOut(let label, let confidence, let coverage):
            ["class": .term("classes.\(label).name"), "confidence": .share(confidence), "coverage": .share(coverage)]
        case .told(let sentence): ["sentence": .text(sentence)]
        }
    }
}

extension Reason {
    /// What is wrong with a field that is refused for this; nil for a reason that refuses none.
    public var fieldFault: FieldFault? {
        switch self {
        case .tooDark, .notASmear(.brightGround): .dark
        case .tooBright, .lowContrast, .littleStained, .notASmear(.stain): .empty
        case .blurred: .blurred
        case .notASmear(.evenGround), .notASmear(.unstainedParts): .thick
        case .notASmear(.colourlessGround), .unfamiliar: .novel
        case .screen, .noUsableField, .severalClasses, .lowConfidence, .tooUnfamiliarForBenign, .fieldsDisagree,
            .readersDisagree, .unchecked, .standsOut, .told:
            nil
        }
    }
}
