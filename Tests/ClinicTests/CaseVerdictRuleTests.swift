import Clinic
import Findings
import Testing

@Suite struct CaseVerdictRuleTests {
    private static let model = ScreeningOutcome.Model(name: "m", version: "1")

    /// One witness of up to four fields, two of more; the cells speak where most look like blasts.
    private static let rule = VerdictRule(
        model: model, cells: .init(field: FieldModel(), limit: 0),
        steps: (1...10).map { fields in
            let rate = VerdictRule.Rate(value: Double(fields) / 100, low95: 0, high95: 0.5)
            return .init(fields: fields, witnesses: fields > 4 ? 2 : 1, withLeukaemia: rate, without: rate)
        })

    /// `b` benign, `e` early pre-B, `?` uncertain, `x` rejected.
    private static func fields(
        _ letters: String, blasts: Double = 0, model: ScreeningOutcome.Model = model, signed: Set<Int> = []
    ) -> [CaseField] {
        letters.enumerated().map { place, letter in
            let id = ImageID()
            let finding = Finding(
                decision: letter == "?" ? .uncertain : letter == "x" ? .rejected : .report,
                label: letter == "b" ? .benign : .earlyPreB, confidence: 0.9)
            return CaseField(
                imageID: id, finding: finding, isSignedMalignant: signed.contains(place),
                facts: ImageFacts(
                    imageID: id, model: model,
                    cells: .init(cells: 20, blastLike: 20 * blasts, highest: 3, area: 2)), isQualified: true)
        }
    }

    private static func verdict(
        _ fields: [CaseField], _ overlaps: [ImageOverlap] = [], pending: Int = 0
    ) -> CaseVerdict {
        CaseVerdict(fields: fields, overlaps: overlaps, rule: rule, pendingCount: pending, failedCount: 0)
    }

    @Test(
        arguments: [
            ("bbbbbbbbbb", 0, 0, .benign), ("bbbbbbbbbe", 0, 0, .undecided), ("bbbbbbbbee", 0, 0, .urgent),
            ("bbbbbbbbbe", 0.9, 0, .urgent), ("bbbbbbbbbb", 0.9, 0, .undecided), ("bbe", 0, 0, .urgent),
            // A field that waits may be one of ten: nothing is called that could be taken back.
            ("e", 0, 0, .urgent), ("e", 0, 9, .waiting), ("ee", 0, 8, .urgent), ("x", 0, 0, .unusable),
            ("xbbbbb?", 0, 0, .undecided),
        ] as [(String, Double, Int, CaseVerdict.Kind)])
    func `the rule counts witnesses by the number of fields`(
        letters: String, blasts: Double, pending: Int, kind: CaseVerdict.Kind
    ) {
        let verdict = Self.verdict(Self.fields(letters, blasts: blasts), pending: pending)
        #expect(verdict.kind == kind && verdict.isRuled)
    }

    @Test func `a signed malignant reading is urgent whatever the rule says`() {
        let verdict = Self.verdict(Self.fields("bbbbbbbbbb", signed: [3]))
        #expect(verdict.kind == .urgent && verdict.isSignedMalignant)
    }

    @Test func `answers of another model go by one report, and no error is stated`() {
        let verdict = Self.verdict(
            Self.fields("bbbbbbbbb") + Self.fields("e", model: .init(name: "m", version: "0")))
        #expect(verdict.kind == .urgent && !verdict.isRuled && verdict.stated == nil)
    }

    @Test func `the error is stated for as many fields as are distinct, and not while one waits`() {
        let fields = Self.fields("bbbbb")
        let same = [
            ImageOverlap(fields[0].imageID ?? ImageID(), fields[1].imageID ?? ImageID(), .near),
            ImageOverlap(fields[4].imageID ?? ImageID(), fields[1].imageID ?? ImageID(), .overlapping),
        ]
        #expect(Self.verdict(fields).stated?.fields == 5)
        // The first stands for the second; the fifth overlaps with the second alone, which does not count.
        #expect(Self.verdict(fields, same).stated?.fields == 4)
        #expect(Self.verdict(fields, same).usableCount == 4)
        #expect(Self.verdict(fields, pending: 1).stated == nil)
        #expect(Self.verdict(Self.fields(String(repeating: "b", count: 30))).stated?.fields == 10)
    }

    @Test func `one field sent twice is one witness, and the most serious answer to it counts`() {
        let fields = Self.fields("ebbbbbe")
        let (first, last) = (fields[0].imageID ?? ImageID(), fields[6].imageID ?? ImageID())
        let twice = Self.verdict(fields, [ImageOverlap(first, last, .identical)])
        #expect(Self.verdict(fields).kind == .urgent && twice.kind == .undecided)
        #expect(twice.repeated == [.init(image: last, of: first, relation: .identical)])
        let other = ImageOverlap(fields[1].imageID ?? ImageID(), first, .near)
        let mixed = Self.verdict(fields, [other])
        #expect(mixed.kind == .urgent && mixed.repeated.map(\.of) == [first])
        // With the image gone, its twin counts again.
        #expect(Self.verdict(Array(fields.dropFirst()), [other]).usableCount == 6)
    }
}
