import Clinic
import Findings

/// An image that shows a field again.
struct APIRepetition: Encodable, Sendable {
    let image: ImageID
    /// The image that counts.
    let sameAs: ImageID
    /// `identical`, `near` or `overlapping`.
    let relation: FieldRelation

    init(_ repetition: CaseVerdict.Repetition) {
        (image, sameAs, relation) = (repetition.image, repetition.of, repetition.relation)
    }
}

/// The rule of the model's package for so many fields, with its error.
struct APIRule: Encodable, Sendable {
    /// That the figures are of: those of the case, or the largest sets that were tried.
    let fields: Int
    /// Fields reported malignant, their cells counting as one more, that ask for an urgent reading.
    let witnesses: Int
    /// Share of sets of fields with leukaemia that would be called urgently.
    let urgentWithLeukaemia: VerdictRule.Rate
    /// Share of sets of fields without leukaemia that would be called urgently.
    let urgentWithout: VerdictRule.Rate

    init(_ step: VerdictRule.Step) {
        (fields, witnesses) = (step.fields, step.witnesses)
        (urgentWithLeukaemia, urgentWithout) = (step.withLeukaemia, step.without)
    }
}
