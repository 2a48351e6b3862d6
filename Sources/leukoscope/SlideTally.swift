import Clinic
import Findings
import Screening
import Slides

/// What the fields of a slide say together, by the rule that cases go by.
struct SlideTally {
    /// Why reading ended.
    enum End: String, Sendable {
        /// The fields ask for an urgent reading.
        case urgent
        /// As many white cells were found as were asked for.
        case whiteCells
        /// As many fields were read as were asked for.
        case fields
        /// The monolayer has no more fields.
        case exhausted
    }

    private let rule: VerdictRule?
    private(set) var outcomes: [ScreeningOutcome] = []

    /// - Parameter rule: That of the model's package; nil where it has none.
    init(rule: VerdictRule?) { self.rule = rule }

    mutating func add(_ outcome: ScreeningOutcome) { outcomes.append(outcome) }

    /// The verdict on what was read. While fields wait the rule asks for as many witnesses as for all of them, so that reading one
    /// by one calls no slide that reading all at once would not.
    /// - Parameter waiting: Fields that are still to be read.
    func verdict(waiting: Int = 0) -> CaseVerdict {
        CaseVerdict(
            fields: outcomes.map { outcome in
                let image = ImageID()
                return CaseField(
                    imageID: image, finding: outcome.finding,
                    facts: ImageFacts(imageID: image, model: outcome.model, cells: outcome.cells?.counts))
            }, rule: rule, pendingCount: waiting, failedCount: 0)
    }

    /// The cells of all usable fields together; nil for a model that reads none, or without usable fields.
    var evidence: FieldEvidence? {
        let cells = outcomes.filter { $0.decision != .rejected }.compactMap { $0.cells?.counts }
        return cells.isEmpty ? nil : rule?.cells?.field.evidence(ofCase: cells)
    }

    /// White cells by type, over all usable fields, which do not overlap.
    var counts: [CellType: Int] {
        outcomes.filter { $0.decision != .rejected }.compactMap(\.cells).reduce(into: [:]) { all, cells in
            all.merge(cells.differential.counts, uniquingKeysWith: +)
        }
    }

    var whiteCells: Int { counts.reduce(0) { $0 + ($1.key.isWhiteCell ? $1.value : 0) } }
}
