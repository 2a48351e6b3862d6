import Clinic
import Findings
import Wording

/// Says in words which rule led to the verdict on a case, how often it is right, and which images show the same field.
struct VerdictWords: Sendable {
    let verdict: CaseVerdict
    let text: TextCatalogue

    /// The rule of the model's package in words; nil where another one holds.
    var rule: String? {
        if verdict.kind == .urgent, verdict.isSignedMalignant { return text("cases.rule.signed") }
        guard verdict.isRuled, Self.ruled.contains(verdict.kind), !verdict.isUnqualifiedBenign else { return nil }
        return text("cases.rule.\(verdict.kind)")
    }

    private static let ruled: [CaseVerdict.Kind] = [.waiting, .urgent, .benign, .undecided]

    /// How often sets of so many fields would be called urgently; nil where nobody measured it.
    var stated: String? {
        guard let step = verdict.stated, Self.ruled.contains(verdict.kind) else { return nil }
        return text.counted(
            "cases.rule.stated", step.fields,
            values("with", step.withLeukaemia).merging(values("without", step.without)) { $1 })
    }

    /// What to do where some fields are reported malignant, but too few; nil elsewhere.
    var advice: String? {
        verdict.kind == .undecided && !verdict.malignant.isEmpty ? text("cases.rule.fewAdvice") : nil
    }

    /// Which images show the same field, a line for each that does not count.
    ///
    /// - Parameter images: Those of the case.
    func repeated(among images: [CaseImage]) -> [String] {
        let numbers = Dictionary(images.map { ($0.id, String($0.number)) }, uniquingKeysWith: { $1 })
        return verdict.repeated.compactMap { repetition in
            guard let image = numbers[repetition.image], let other = numbers[repetition.of] else { return nil }
            return text("cases.rule.\(repetition.relation)", ["image": image, "other": other])
        }
    }

    /// Of 1,000 sets.
    private func values(_ name: String, _ rate: VerdictRule.Rate) -> [String: String] {
        func thousandths(_ share: Double) -> String { String(Int((share * 1000).rounded())) }
        return [
            name: thousandths(rate.value), "\(name)Low": thousandths(rate.low95),
            "\(name)High": thousandths(rate.high95),
        ]
    }
}

extension CaseVerdict {
    /// The name of its words: benign images of a microscope that is not qualified have words of their own.
    var word: String { isUnqualifiedBenign ? "unqualified" : kind.rawValue }
}
