import Findings

/// Chooses the rule on cases from measured fields: the chance to miss leukaemia comes first, that of a false call second.
///
/// For each number of fields it asks for the fewest witnesses with which no fewer sets with leukaemia are called than by
/// today's rule (one malignant report), and at most a third as many without; where that cannot be reached, for those with
/// the fewest false calls that still call as many with leukaemia. More fields never ask for fewer witnesses, unless that
/// would miss more, and never for more than a quarter of them, rounded up: a disease that few fields show must be called.
public struct VerdictFit: Sendable {
    /// What is chosen by hand.
    public struct Settings: Sendable, Equatable, Codable {
        /// The largest set that is tried.
        public var largest = 20
        /// Sets of each kind and size.
        public var sets = 10_000
        /// Share of sets without leukaemia whose cells may be a witness, 0 to 1; at `usual` fields.
        public var falseWitnesses = 0.05
        /// Fields of a usual case.
        public var usual = 10
        public var seed: UInt64 = 20_210_423

        public init() {}
    }

    public let rule: VerdictRule

    /// - Parameters:
    ///   - measured: Fields of runs with and without leukaemia.
    ///   - field: Makes evidence of the cells of several fields; nil for a model that reads none.
    ///   - model: Whose answers they are.
    ///   - settings: What is chosen by hand.
    /// - Throws: `EvaluationError` where either kind of field is missing.
    public init(
        _ measured: [MeasuredField], field: FieldModel?, model: ScreeningOutcome.Model, settings: Settings = Settings()
    ) throws {
        func sets(_ isMalignant: Bool, _ fields: Int) -> PseudoCases? {
            PseudoCases(
                of: measured, isMalignant: isMalignant, fields: fields, count: settings.sets, field: field,
                seed: settings.seed)
        }
        let usual = (1...max(1, settings.usual)).reversed().lazy.compactMap { sets(false, $0) }.first
        let limit = field == nil ? nil : usual.flatMap { Self.limit(of: $0, share: settings.falseWitnesses) }
        var steps: [VerdictRule.Step] = []
        for fields in 1...settings.largest {
            guard let ill = sets(true, fields), let well = sets(false, fields) else { break }
            let witnesses = Self.witnesses(ill, well, limit: limit, before: steps.last?.witnesses ?? 1)
            steps.append(
                VerdictRule.Step(
                    fields: fields, witnesses: witnesses,
                    withLeukaemia: ill.rate { $0.isUrgent(witnesses: witnesses, cellLimit: limit) },
                    without: well.rate { $0.isUrgent(witnesses: witnesses, cellLimit: limit) }))
        }
        guard !steps.isEmpty else {
            throw EvaluationError(code: .shape, message: "a rule needs fields with and without leukaemia")
        }
        let cells = limit.flatMap { limit in field.map { VerdictRule.CellWitness(field: $0, limit: limit) } }
        rule = VerdictRule(model: model, cells: cells, steps: steps)
    }

    /// The lower limit of evidence that all but a share of the sets stay under; nil without cells.
    private static func limit(of sets: PseudoCases, share: Double) -> Double? {
        let lower = sets.drawn.compactMap(\.lower).filter(\.isFinite).sorted()
        guard !lower.isEmpty else { return nil }
        return lower[min(lower.count - 1, Int((Double(lower.count) * (1 - share)).rounded(.up)))]
    }

    private static func witnesses(_ ill: PseudoCases, _ well: PseudoCases, limit: Double?, before: Int) -> Int {
        func share(_ sets: PseudoCases, _ witnesses: Int, _ limit: Double?) -> Double {
            sets.rate(resamples: 0) { $0.isUrgent(witnesses: witnesses, cellLimit: limit) }.value
        }
        let (found, called) = (share(ill, 1, nil), share(well, 1, nil))
        let allowed = (1...max(1, (ill.fields + 3) / 4)).filter { share(ill, $0, limit) >= found }
        let steady = allowed.filter { $0 >= before }
        if let enough = steady.first(where: { share(well, $0, limit) <= called / 3 }) { return enough }
        return allowed.min { (share(well, $0, limit), $0) < (share(well, $1, limit), $1) } ?? 1
    }
}
