import Clinic
import Findings
import Foundation
import Imaging
import Screening
import Wording

/// Says a screening's result in words; for a rejected image none of them names a class.
struct ResultWords: Sendable {
    private let result: ScreeningOutcome
    /// The signed reading that is said in place of the network's answer, because it is more serious.
    private let leading: Reading?
    /// Whether a signed reading that counts names malaria parasites, also one that does not lead.
    private let hasMalaria: Bool
    /// What is said of the microscope.
    private let standing: SiteStanding
    private let text: TextCatalogue

    init(
        _ result: ScreeningOutcome, readings: [SignedReading] = [], standing: SiteStanding = .unknown,
        text: TextCatalogue
    ) {
        (self.result, self.standing) = (result, standing)
        let counting = readings.map(\.reading).counting
        leading = result.finding.leading(counting)
        hasMalaria = counting.contains { $0.findings.contains(.malariaParasites) }
        self.text = text
    }

    /// Whether a doctor's reading is said and not the network's answer.
    var isLed: Bool { leading != nil }

    /// The class that is said, or why there is none.
    private var finding: Finding { leading.map { result.finding.led(by: [$0]) } ?? result.finding }

    /// What the network said, where a reading stands in its place.
    private var led: String? {
        leading.map { text("result.led.line", ["network": ReadingWords(text: text).network($0)]) }
    }

    /// A benign answer of the network: on a microscope that nobody has qualified it reassures nobody.
    private var isUnqualifiedBenign: Bool {
        leading == nil && finding.reported == .benign && !standing.isQualified
    }

    /// Which microscope made the image, and whether it is qualified.
    var microscope: String { SiteWords(text: text).standing(standing) }

    /// What a doctor reads in the image, where the network has no class for it.
    private var answer: ReaderLabel? {
        leading.flatMap { $0.label.smearClass == nil && $0.label != .unreadable ? $0.label : nil }
    }

    private func name(_ smearClass: SmearClass) -> String { text("classes.\(smearClass).name") }

    /// The large words over the image.
    var headline: String {
        if let leading, leading.label.smearClass == nil {
            return leading.label == .unreadable
                ? text("result.led.unreadable") : ReadingWords(text: text).label(leading)
        }
        if isUnqualifiedBenign { return text("result.unqualified.headline") }
        return switch finding.decision {
        case .report: name(finding.label)
        case .uncertain: text("result.uncertain")
        case .rejected: text("result.rejected")
        }
    }

    /// The line under the headline.
    var subline: String {
        if let led { return led }
        if isUnqualifiedBenign {
            return text("result.unqualified.subline", ["percent": Self.percent(result.confidence)])
        }
        return switch result.decision {
        case .report: text("result.confidence", ["percent": Self.percent(result.confidence)])
        case .uncertain:
            result.predictionSet.count < 2
                ? text("result.uncertainNone")
                : text(
                    "result.uncertainBetween",
                    ["classes": result.predictionSet.map { text("classes.\($0).short") }.joined(separator: ", ")])
        case .rejected: text("result.rejectedLead")
        }
    }

    /// What the answer means for the person.
    var meaning: String {
        if let answer { return text("readings.answers.\(answer.word).meaning") }
        if isUnqualifiedBenign { return text("result.unqualified.meaning") }
        return switch finding.decision {
        case .report: text("classes.\(finding.label).meaning")
        case .uncertain, .rejected: text("result.meanings.\(finding.decision.rawValue)")
        }
    }

    /// What to do next; what malaria asks for comes first.
    var next: [String] { (hasMalaria ? [text("readings.malariaAdvice")] : []) + steps }

    /// What the answer asks for.
    private var steps: [String] {
        if let answer { return text.list("readings.answers.\(answer.word).next") }
        return switch finding.decision {
        case .report: text.list("classes.\(finding.label).next")
        case .uncertain, .rejected: text.list("result.steps.\(finding.decision.rawValue)")
        }
    }

    /// Why it was decided so.
    var reasons: [String] { result.reasons.map { text($0.message) } }

    /// The classes that remain possible, in words.
    var predictionSet: String {
        result.predictionSet.map { text("classes.\($0).short") }.joined(separator: ", ")
    }

    /// A bar for each class, most probable first.
    var bars: [ResultPage.Bar] {
        result.probabilities.ranked.map { smearClass, probability in
            ResultPage.Bar(
                name: name(smearClass), percent: Self.percent(probability), exact: String(format: "%.6f", probability),
                width: String(format: "%.2f", max(0, min(1, probability)) * 100),
                isInSet: result.predictionSet.contains(smearClass))
        }
    }

    /// Which of its fields were read, where the image was cut.
    var fields: String? { result.fields?.sentence(text) }

    /// Quality and novelty as numbers for the reader who wants them.
    var facts: [NamedValue] {
        let quality = result.quality
        return [
            ("sharpness", quality.sharpness), ("brightness", quality.brightness), ("contrast", quality.contrast),
            ("stainedFraction", quality.stainedFraction),
        ].map { NamedValue(name: text("result.qualities.\($0.0)"), value: Self.measured($0.1)) }
            + [NamedValue(name: text("result.novelty"), value: String(format: "%.3f", result.novelty))]
            + (result.cells.map(cellFacts) ?? [])
    }

    /// What the second reader found; of a rejected image only how large things are in it.
    private func cellFacts(_ cells: CellFindings) -> [NamedValue] {
        let scale = NamedValue(
            name: text("result.cells.scale"),
            value: text(
                "result.cells.scales.\(cells.scale.source.rawValue)",
                ["pixels": Self.measured(cells.scale.redCellPixels)]))
        guard result.decision != .rejected else { return [scale] }
        let evidence = cells.blastEvidence
        return [
            scale, NamedValue(name: text("result.cells.found"), value: "\(cells.differential.total)"),
            NamedValue(
                name: text("result.cells.evidence"),
                value: text(
                    "result.cells.evidenceValue",
                    [
                        "value": Self.percent(evidence.value), "low": Self.percent(evidence.low95),
                        "high": Self.percent(evidence.high95),
                    ])),
        ]
    }

    /// A measure for people: three digits, none after the point in a large number.
    private static func measured(_ value: Double) -> String {
        String(format: abs(value) < 100 ? "%.3g" : "%.0f", value)
    }

    /// A probability for people: whole percent, but never 100 % or 0 % unless it is.
    static func percent(_ probability: Double) -> String {
        switch probability {
        case 1...: "100\u{a0}%"
        case 0.995...: ">\u{a0}99\u{a0}%"
        case ...0: "0\u{a0}%"
        case ..<0.005: "<\u{a0}1\u{a0}%"
        default: "\(Int((probability * 100).rounded()))\u{a0}%"
        }
    }
}
