import Findings
import Foundation
import Testing

@Suite struct FieldVoteTests {
    /// - Parameter malignant: The probability of any malignant class; nearly all of it is that of `label`.
    private static func vote(_ malignant: Double, _ label: SmearClass = .preB, whiteCells: Int = 5) -> FieldVote {
        let rest = malignant * 0.02
        return FieldVote(
            probabilities: ClassProbabilities(
                SmearClass.allCases.map {
                    $0 == .benign ? 1 - malignant : $0 == label ? malignant - 2 * rest : rest
                }), whiteCells: whiteCells)
    }

    @Test(arguments: [[0.7, 0.1, 0.15, 0.05], [0.01, 0.97, 0.01, 0.01], [0.25, 0.25, 0.25, 0.25]])
    func `one field gives its own probabilities`(values: [Double]) {
        let answer = ClassProbabilities(of: [FieldVote(probabilities: ClassProbabilities(values), whiteCells: 3)])
        for (one, other) in zip(answer.values, values) { #expect(abs(one - other) < 1e-12) }
    }

    @Test func `three leukaemic fields among twenty normal ones are told`() {
        let votes = [FieldVote](repeating: Self.vote(0.004), count: 20) + [0.99, 0.97, 0.995].map { Self.vote($0) }
        let answer = ClassProbabilities(of: votes)
        #expect(answer.mostProbable == .preB)
        #expect(abs(answer[.benign] - (1 - (0.99 + 0.97 + 0.995) / 3)) < 1e-12)
        #expect(answer[.preB] > 0.93)
    }

    @Test func `one malignant field among many leaves a benign answer unsure`() {
        let votes = [FieldVote](repeating: Self.vote(0.001), count: 50) + [Self.vote(0.999)]
        let answer = ClassProbabilities(of: votes)
        #expect(abs(answer[.benign] - 2.0 / 3) < 0.01)
        #expect(ClassProbabilities(of: [FieldVote](repeating: Self.vote(0.001), count: 50))[.benign] > 0.998)
    }

    @Test func `an answer is benign with more than five sixths only where every field is more likely benign`() {
        for count in 1...40 {
            for malignancy in [0.5, 0.6, 0.9, 1] {
                let votes = (0..<count).map { Self.vote($0 == count / 2 ? malignancy : 0) }
                let answer = ClassProbabilities(of: votes)
                #expect(answer[.benign] <= 5.0 / 6 + 1e-12)
                #expect(abs(answer[.benign] - (1 - malignancy / Double(min(3, count)))) < 1e-12)
            }
        }
    }

    @Test func `the order of the fields does not matter to the last digit`() {
        var votes = (0..<17).map { number in
            Self.vote(
                0.05 + 0.9 * abs(sin(Double(number))), SmearClass.allCases[1 + number % 3], whiteCells: number % 4)
        }
        let answer = ClassProbabilities(of: votes)
        #expect(abs(answer.values.reduce(0, +) - 1) < 1e-12)
        for turn in 1..<17 {
            votes = Array(votes[(turn % 5)...].reversed() + votes[..<(turn % 5)])
            #expect(ClassProbabilities(of: votes) == answer)
        }
    }

    @Test func `the class is that of the fields with more white cells, and of the malignant ones`() {
        let votes = [
            Self.vote(0.95, .earlyPreB, whiteCells: 2), Self.vote(0.95, .proB, whiteCells: 9),
            Self.vote(0.001, .preB, whiteCells: 90),
        ]
        let answer = ClassProbabilities(of: votes)
        #expect(answer[.proB] > answer[.earlyPreB] && answer[.earlyPreB] > answer[.preB])
    }

    @Test func `probabilities of nothing at all stay numbers`() {
        let sure = FieldVote(probabilities: ClassProbabilities([1, 0, 0, 0]), whiteCells: 0)
        let opposite = FieldVote(probabilities: ClassProbabilities([0, 0, 0, 1]), whiteCells: 0)
        #expect(ClassProbabilities(of: [sure, sure])[.benign] == 1)
        #expect(ClassProbabilities(of: [opposite])[.proB] > 1 - 1e-12)
        for value in ClassProbabilities(of: [sure, opposite]).values { #expect((0...1).contains(value)) }
    }
}

@Suite struct ScreenedFieldsTests {
    private static let fields = ScreenedFields([
        .init(x: 0, y: 0, width: 10, height: 12, fault: nil), .init(x: 8, y: 0, width: 10, height: 12, fault: .blurred),
        .init(x: 0, y: 9, width: 10, height: 12, fault: .empty),
        .init(x: 8, y: 9, width: 10, height: 12, fault: .empty),
    ])

    @Test func `fields are counted by why they were left out`() {
        #expect(Self.fields.isCut && Self.fields.read == 1 && Self.fields.refused == 3)
        #expect(FieldFault.allCases.map(Self.fields.skipped) == [0, 0, 2, 1, 0])
        let whole = ScreenedFields(whole: 30, 20, fault: nil)
        #expect(!whole.isCut && whole.read == 1 && whole.refused == 0)
        #expect(ScreenedFields(whole: 30, 20, fault: .novel).refused == 1)
    }

    @Test func `rows of today are read tomorrow, and are short`() throws {
        let row = #"{"all":[[0,0,10,12],[8,0,10,12,"blurred"],[0,9,10,12,"empty"],[8,9,10,12,"empty"]]}"#
        #expect(try JSONDecoder().decode(ScreenedFields.self, from: Data(row.utf8)) == Self.fields)
        #expect(String(decoding: try JSONEncoder().encode(Self.fields), as: UTF8.self) == row)
        #expect(FieldFault.allCases.map(\.rawValue) == ["dark", "thick", "empty", "blurred", "novel"])
    }

    @Test func `a fault that hides the others is told`() {
        #expect(FieldFault.foremost(of: [.blurred, .empty, .novel]) == .empty)
        #expect(FieldFault.foremost(of: [.empty, .thick]) == .thick)
        #expect(FieldFault.foremost(of: [] as [FieldFault]) == nil)
    }

    @Test func `every reason that refuses an image has a fault, and no other has`() {
        let refusals: [(Reason, FieldFault)] = [
            (.tooDark(found: 0, limit: 1), .dark), (.blurred(found: 0, limit: 1), .blurred),
            (.tooBright(found: 1, limit: 0), .empty), (.lowContrast(found: 0, limit: 1), .empty),
            (.littleStained(found: 0, limit: 1), .empty), (.unfamiliar(found: 1, limit: 0, aspect: nil), .novel),
            (.notASmear(missing: .brightGround), .dark), (.notASmear(missing: .stain), .empty),
            (.notASmear(missing: .evenGround), .thick), (.notASmear(missing: .unstainedParts), .thick),
            (.notASmear(missing: .colourlessGround), .novel),
        ]
        for (reason, fault) in refusals { #expect(reason.fieldFault == fault, "\(reason)") }
        for reason: Reason in [
            .noUsableField(fields: 4), .severalClasses(classes: [], coverage: 0.9), .unchecked(missing: .cells),
            .standsOut(label: .preB, confidence: 1, coverage: 0.9), .fieldsDisagree(malignant: 1, read: 4),
            .tooUnfamiliarForBenign(found: 1, limit: 0),
        ] { #expect(reason.fieldFault == nil, "\(reason)") }
    }
}
