import Findings
import Foundation
import Testing

@Suite struct VerdictRuleTests {
    private static func step(_ fields: Int, _ witnesses: Int) -> VerdictRule.Step {
        .init(
            fields: fields, witnesses: witnesses,
            withLeukaemia: .init(value: 0.99, low95: 0.9, high95: 1), without: .init(value: 0, low95: 0, high95: 0.1))
    }

    /// One witness of up to two fields, two of more.
    private static let rule = VerdictRule(
        model: .init(name: "m", version: "1"), cells: .init(field: FieldModel(), limit: 0),
        steps: [step(1, 1), step(2, 1), step(3, 2)])

    private static func cells(_ blastLike: Double, of count: Double) -> CellFindings.Counts {
        .init(cells: count, blastLike: blastLike, highest: 3, area: 2)
    }

    private static let blasts = [CellFindings.Counts](repeating: cells(19, of: 20), count: 5)
    private static let normal = [CellFindings.Counts](repeating: cells(0, of: 20), count: 5)

    @Test(
        arguments: [
            (0, 3, blasts, false), (1, 1, [], true), (1, 2, normal, true), (1, 3, normal, false), (1, 3, blasts, true),
            (2, 3, normal, true), (1, 40, normal, false), (2, 40, normal, true), (0, 0, [], false),
        ] as [(Int, Int, [CellFindings.Counts], Bool)])
    func `fields are witnesses, cells are one more beside a field and never alone`(
        reported: Int, fields: Int, cells: [CellFindings.Counts], isUrgent: Bool
    ) {
        #expect(Self.rule.isUrgent(reported: reported, of: fields, cells: cells) == isUrgent)
    }

    @Test func `what holds for more fields than were tried is what holds for the most`() {
        #expect(Self.rule.step(ofFields: 3) == Self.rule.step(ofFields: 100))
        #expect(Self.rule.step(ofFields: 0) == nil)
    }

    @Test func `a rule goes through JSON, and one with a gap or an impossible rate is refused`() throws {
        let json = try JSONEncoder().encode(Self.rule)
        #expect(try JSONDecoder().decode(VerdictRule.self, from: json) == Self.rule)
        for (from, to) in [("\"fields\":2", "\"fields\":5"), ("\"witnesses\":2", "\"witnesses\":4"), ("0.99", "1.5")] {
            let broken = String(decoding: json, as: UTF8.self).replacing(from, with: to)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(VerdictRule.self, from: Data(broken.utf8))
            }
        }
    }
}
