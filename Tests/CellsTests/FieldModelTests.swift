import Cells
import Findings
import Testing

@Suite("Evidence of a field")
struct FieldModelTests {
    @Test
    func `rises with the share of blast-like cells, and its interval narrows with their number`() {
        let model = FieldModel()
        func evidence(_ blasts: Int, of cells: Int) -> FieldEvidence {
            let list = (0..<cells).map { (evidence: $0 < blasts ? 6.0 : -6.0, weight: 1.0) }
            return model.evidence(model.summary(list, area: 5))
        }
        #expect(evidence(9, of: 10).logOdds > evidence(1, of: 10).logOdds)
        let (few, many) = (evidence(2, of: 4), evidence(50, of: 100))
        #expect(many.upper - many.lower < few.upper - few.lower)
        #expect(few.lower <= few.logOdds && few.logOdds <= few.upper)
    }

    @Test
    func `says nothing without cells`() {
        let model = FieldModel(usualShare: 0.5)
        let evidence = model.evidence(model.summary([], area: 5))
        #expect(evidence.probability == 0.5)
        #expect(evidence.interval == 0...1)
        #expect(evidence.cells == 0)
    }

    @Test
    func `counts what is hardly a white cell hardly`() {
        let model = FieldModel()
        let summary = model.summary([(evidence: 6, weight: 0.1), (evidence: -6, weight: 1)], area: 5)
        #expect(abs(summary.cells - 1.1) < 1e-9)
        #expect(summary.highest == -6)
    }

    @Test
    func `moves a site's normal cells to where those of training lay, and needs twenty`() throws {
        var description = CellModelDescription(calibration: CellCalibration(shift: 1, scale: 2))
        let fields = (0..<20).map { field in (0..<5).map { Double(field * 5 + $0) / 100 } }
        #expect(throws: CellError.self) { try SiteCalibration(evidence: fields, of: description) }
        description.normalHigh = -1
        #expect(throws: CellError.self) {
            try SiteCalibration(evidence: Array(fields.prefix(3)), of: description)
        }
        let fitted = try SiteCalibration(evidence: fields, of: description)
        #expect(abs(fitted.shift - (-1 - 0.95)) < 1e-9)
        #expect(fitted.applied(to: description).calibration == CellCalibration(shift: 1 + fitted.shift, scale: 2))
        #expect(fitted.curve.map(\.cells) == [20, 50, 100])
        #expect(fitted.curve[0].deviation > fitted.curve[2].deviation)
        #expect(fitted.neededCells == 20)
    }

    @Test
    func `moves the evidence of a site's fields to where its labels say it belongs, and asks for eight of each kind`()
        throws
    {
        // The microscope gives three more than the one of training, and half of the distance.
        let fields = (0..<40).flatMap { number -> [FieldCalibration.Field] in
            let spread = Double(number % 10) / 5 - 0.9
            return [
                .init(logOdds: 4 + spread, hasLeukaemia: true), .init(logOdds: 2 + spread, hasLeukaemia: false),
            ]
        }
        #expect(throws: CellError.self) { try FieldCalibration(Array(fields.prefix(14))) }
        #expect(throws: CellError.self) {
            try FieldCalibration(fields.map { .init(logOdds: $0.logOdds, hasLeukaemia: !$0.hasLeukaemia) })
        }
        let fitted = try FieldCalibration(fields)
        #expect(fitted.withLeukaemia == 40 && fitted.without == 40)
        #expect(abs(fitted.scale * 3 + fitted.shift) < 0.3)
        #expect(fitted.scale > 1)
        let losses = (
            FieldCalibration.logLoss(fields),
            FieldCalibration.logLoss(fields, scale: fitted.scale, shift: fitted.shift)
        )
        #expect(losses.1 < losses.0 / 2)
        #expect(fitted.curve.map(\.fields) == [16, 32, 64])
        #expect(fitted.curve[0].deviation > fitted.curve[2].deviation)
        // The model that is made of it says what the fit says.
        let description = CellModelDescription()
        let summary = FieldModel.Summary(cells: 10, blastLike: 4, highest: 1, area: 2)
        let (plain, moved) = (
            description.field.evidence(summary).logOdds, fitted.applied(to: description).field.evidence(summary).logOdds
        )
        #expect(abs(moved - (fitted.scale * plain + fitted.shift)) < 1e-9)
    }

    @Test
    func `gives the score interval of Wilson for a share`() {
        // Worked by hand: 4 of 10, z = 1.96: middle (0.4 + 0.19207) / 1.38415, half 0.2596.
        let interval = CountedShare(count: 4, total: 10).interval
        #expect(abs(interval.lowerBound - 0.1682) < 0.001)
        #expect(abs(interval.upperBound - 0.6873) < 0.001)
    }

    @Test
    func `counts platelets and smudges in no differential, and the unsure in it`() {
        let differential = Differential([.neutrophil, .neutrophil, .unsure, .platelet, .smudge])
        #expect(differential.total == 3)
        #expect(differential.counts[.platelet] == 1)
        #expect(differential.share(of: .unsure).count == 1)
        #expect(differential.share(of: .platelet).count == 0)
    }

    @Test
    func `takes the images of a case together: more cells narrow the interval, images that differ widen it`() {
        let model = FieldModel()
        func image(_ blastLike: Double) -> FieldModel.Summary {
            .init(cells: 10, blastLike: blastLike, highest: 1, area: 2)
        }
        func width(_ evidence: FieldEvidence) -> Double { evidence.upper - evidence.lower }
        let one = model.evidence(image(5))
        let alike = model.evidence(ofCase: (0..<8).map { _ in image(5) })
        let unlike = model.evidence(ofCase: [0, 10, 0, 10, 0, 10, 0, 10].map(image))
        #expect(alike.cells == 80)
        #expect(width(alike) < 0.6 * width(one))
        #expect(width(unlike) > 1.5 * width(alike))
        #expect(alike.lower < alike.logOdds && alike.logOdds < alike.upper)
        #expect(unlike.lower < unlike.logOdds && unlike.logOdds < unlike.upper)
        // Worked by hand: shares of 0 and 1 in 8 images of 10 cells; 8 / 7 · 8 · 25 / 6400 by 0.25 / 80.
        #expect(abs(FieldModel.designEffect([0, 10, 0, 10, 0, 10, 0, 10].map(image)) - 80.0 / 7) < 1e-9)
        #expect(FieldModel.designEffect([image(5)]) == 1)
        #expect(model.evidence(ofCase: []).cells == 0)
    }
}
