import Evaluation
import Findings
import Testing

@Suite struct VerdictFitTests {
    /// A laboratory of six runs with leukaemia and five without, sixty fields each: every field with leukaemia is reported,
    /// of the others `wrong` of the first run are. The cells speak for the truth.
    private static func fields(wrong: Int, unreported: Int = 0) -> [MeasuredField] {
        func run(_ name: String, _ isMalignant: Bool, reported: Int) -> [MeasuredField] {
            (0..<60).map { place in
                MeasuredField(
                    run: name, isMalignant: isMalignant, decision: .report,
                    label: place < reported ? .preB : .benign,
                    cells: .init(
                        cells: 10, blastLike: isMalignant ? 8 : Double(place % 2), highest: isMalignant ? 4 : -1,
                        area: 3))
            }
        }
        return (0..<6).flatMap { run("ill-\($0)", true, reported: 60 - unreported) }
            + (0..<5).flatMap { run("well-\($0)", false, reported: $0 == 0 ? wrong : 0) }
    }

    private static let model = ScreeningOutcome.Model(name: "m", version: "1")

    private static func fit(_ fields: [MeasuredField], field: FieldModel? = FieldModel()) throws -> VerdictRule {
        var settings = VerdictFit.Settings()
        settings.sets = 2000
        return try VerdictFit(fields, field: field, model: model, settings: settings).rule
    }

    @Test func `ten fields are called falsely at most a third as often, and no leukaemia is missed for it`() throws {
        let fields = Self.fields(wrong: 2)
        let rule = try Self.fit(fields)
        let ten = try #require(rule.step(ofFields: 10))
        let sets = try #require(
            PseudoCases(of: fields, isMalignant: false, fields: 10, count: 2000, field: FieldModel(), seed: 7))
        let today = sets.rate { $0.isUrgent(witnesses: 1, cellLimit: nil) }
        // Two of sixty fields of one run in five: C(58, 10) / C(60, 10) of its sets hold neither.
        #expect(abs(today.value - (1 - 50.0 * 49 / (60 * 59)) / 5) < 0.02)
        #expect(ten.witnesses == 2 && ten.without.value <= today.value / 3)
        #expect(ten.withLeukaemia.value == 1)
        #expect(rule.steps.count == 20 && rule.steps[0].witnesses == 1)
        #expect(rule.steps.allSatisfy { $0.witnesses <= ($0.fields + 3) / 4 })
    }

    @Test func `without errors one report is enough, and a rate of nothing has an upper end`() throws {
        let rule = try Self.fit(Self.fields(wrong: 0))
        #expect(rule.steps.allSatisfy { $0.witnesses == 1 && $0.without.value == 0 })
        // Five runs of sixty fields fill thirty sets of ten: Wilson's upper end for none of thirty.
        let ten = try #require(rule.step(ofFields: 10))
        #expect(abs(ten.without.high95 - CountedShare(count: 0, total: 30).interval.upperBound) < 1e-9)
        #expect(try #require(rule.step(ofFields: 20)).without.high95 > ten.without.high95)
    }

    @Test func `leukaemia that few fields show keeps one witness where two would miss it`() throws {
        // One field in thirty is reported: sets of ten mostly hold none or one, and the cells are not read.
        let rule = try Self.fit(Self.fields(wrong: 1, unreported: 58), field: nil)
        #expect(rule.cells == nil && rule.steps.allSatisfy { $0.witnesses == 1 })
    }

    @Test func `the same seed draws the same sets, within one run and no field twice`() throws {
        let fields = Self.fields(wrong: 30)
        func drawn(_ seed: UInt64) throws -> PseudoCases {
            try #require(PseudoCases(of: fields, isMalignant: false, fields: 60, count: 10, field: nil, seed: seed))
        }
        let sets = try drawn(1)
        #expect(sets.drawn == (try drawn(1)).drawn)
        // A set of all sixty fields of a run holds all of its errors, or none.
        #expect(Set(sets.drawn.map(\.reported)) == [0, 30])
        #expect(sets.distinctSets == 5)
        #expect(PseudoCases(of: fields, isMalignant: true, fields: 61, count: 10, field: nil, seed: 1) == nil)
    }

    @Test func `declined fields are in no set, and both kinds of field are needed`() throws {
        let declined = MeasuredField(run: "r", isMalignant: true, decision: .rejected, label: .preB, cells: nil)
        #expect(PseudoCases(of: [declined], isMalignant: true, fields: 1, count: 5, field: nil, seed: 1) == nil)
        #expect(throws: EvaluationError.self) { try Self.fit(Self.fields(wrong: 1).filter(\.isMalignant)) }
    }

    @Test func `the bootstrap over runs is wider than the count of images where one run has all errors`() throws {
        let fields = Self.fields(wrong: 60)
        let sets = try #require(
            PseudoCases(of: fields, isMalignant: false, fields: 1, count: 5000, field: nil, seed: 3))
        let rate = sets.rate { $0.isUrgent(witnesses: 1, cellLimit: nil) }
        #expect(abs(rate.value - 0.2) < 1e-9 && rate.low95 == 0 && rate.high95 >= 0.4)
    }
}
