/// When the images of a case ask for an urgent reading, and how often that is right: computed from the measured errors of
/// single fields and cells, and carried by the model's package.
///
/// Each distinct field that is reported malignant is a witness. Where there is one at least, the white cells of all fields
/// together are one more, if the lower limit of their evidence is high enough. A case is urgent when it has as many
/// witnesses as its number of fields asks for. Fields that are read as benign never outweigh a witness, and the cells alone
/// never call: with few witnesses a case is undecided, not benign.
public struct VerdictRule: Sendable, Equatable, Codable {
    /// When the cells of all fields together are a witness.
    public struct CellWitness: Sendable, Equatable, Codable {
        /// Makes evidence of the cells, that of the package's cell model.
        public var field: FieldModel
        /// The lower 95 % limit of the evidence, in log-odds, must be above this.
        public var limit: Double

        /// - Parameters:
        ///   - field: Makes evidence of the cells.
        ///   - limit: Log-odds.
        public init(field: FieldModel, limit: Double) { (self.field, self.limit) = (field, limit) }

        /// Whether the cells of these fields are a witness.
        public func speaks(_ cells: [CellFindings.Counts]) -> Bool {
            !cells.isEmpty && field.evidence(ofCase: cells).lower > limit
        }
    }

    /// A share of pseudo-cases, 0 to 1, with the 95 % interval that the number of runs and images gives it.
    public struct Rate: Sendable, Equatable, Codable {
        public let value: Double
        public let low95: Double
        public let high95: Double

        /// - Parameters:
        ///   - value: 0 to 1.
        ///   - low95: At most `value`.
        ///   - high95: At least `value`.
        public init(value: Double, low95: Double, high95: Double) {
            (self.value, self.low95, self.high95) = (value, low95, high95)
        }

        fileprivate var isShare: Bool { low95 >= 0 && low95 <= value && value <= high95 && high95 <= 1 }
    }

    /// What holds for sets of one size.
    public struct Step: Sendable, Equatable, Codable {
        /// Distinct usable fields of a set.
        public let fields: Int
        /// Witnesses that make it urgent, at least 1.
        public let witnesses: Int
        /// Sets of fields with leukaemia that would be called urgently.
        public let withLeukaemia: Rate
        /// Sets of fields without leukaemia that would be called urgently.
        public let without: Rate

        public init(fields: Int, witnesses: Int, withLeukaemia: Rate, without: Rate) {
            (self.fields, self.witnesses) = (fields, witnesses)
            (self.withLeukaemia, self.without) = (withLeukaemia, without)
        }
    }

    /// Whose errors it was computed from: it holds for answers of this model alone.
    public var model: ScreeningOutcome.Model
    /// Nil for a package that reads no cells.
    public var cells: CellWitness?
    /// By number of fields, from 1 on without a gap.
    public private(set) var steps: [Step]

    /// - Parameter steps: By number of fields, from 1 on without a gap.
    public init(model: ScreeningOutcome.Model, cells: CellWitness?, steps: [Step]) {
        precondition(!steps.isEmpty && Self.areWhole(steps), "a step for each number of fields")
        (self.model, self.cells, self.steps) = (model, cells, steps)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(ScreeningOutcome.Model.self, forKey: .model)
        cells = try container.decodeIfPresent(CellWitness.self, forKey: .cells)
        steps = try container.decode([Step].self, forKey: .steps)
        guard !steps.isEmpty, Self.areWhole(steps) else {
            throw DecodingError.dataCorruptedError(
                forKey: .steps, in: container, debugDescription: "steps must count fields from 1 and ask for witnesses")
        }
    }

    private static func areWhole(_ steps: [Step]) -> Bool {
        for (place, step) in steps.enumerated() {
            guard step.fields == place + 1, step.witnesses >= 1, step.witnesses <= step.fields else { return false }
            guard step.withLeukaemia.isShare, step.without.isShare else { return false }
        }
        return true
    }

    /// What holds for so many distinct usable fields: above the largest number that was tried, what holds for that; nil for
    /// none.
    public func step(ofFields count: Int) -> Step? { count < 1 ? nil : steps[min(count, steps.count) - 1] }

    /// The witnesses in a set: fields that are reported malignant and, where there is one, the cells.
    public func witnesses(reported: Int, cells: [CellFindings.Counts]) -> Int {
        reported > 0 && self.cells?.speaks(cells) == true ? reported + 1 : max(reported, 0)
    }

    /// Whether a set asks for an urgent reading.
    ///
    /// - Parameters:
    ///   - reported: Distinct fields that are reported malignant.
    ///   - fields: Distinct usable fields, those among them, and those that still wait.
    ///   - cells: What the cells of the distinct usable fields came to.
    public func isUrgent(reported: Int, of fields: Int, cells: [CellFindings.Counts]) -> Bool {
        guard reported > 0, let step = step(ofFields: fields) else { return false }
        return witnesses(reported: reported, cells: cells) >= step.witnesses
    }
}
