import Clinic
import Findings
import Foundation
import Randomness
import Testing

@Suite struct SiteQualificationTests {
    private static let model = ScreeningOutcome.Model(name: "small", version: "1.0")

    /// Fields of people, so many of each: `r` right, `w` wrong, `?` uncertain, `x` declined.
    private static func fields(_ people: [(label: SmearClass, answers: String)]) -> [ControlField] {
        people.enumerated().flatMap { number, person in
            person.answers.enumerated().map { place, letter in
                let isRight = letter == "r"
                let other: SmearClass = person.label.isMalignant ? .benign : .proB
                let decision: Decision = letter == "x" ? .rejected : letter == "?" ? .uncertain : .report
                return ControlField(
                    siteID: SiteID(), person: "P\(number)", label: person.label, knownBy: .flowCytometry,
                    sha256: "\(number)-\(place)",
                    answer: ControlAnswer(
                        model: model, decision: decision, label: isRight ? person.label : other,
                        watched: WatchedField(isMalignant: person.label.isMalignant, novelty: 0.2, evidence: 0.5)),
                    createdAt: Date(timeIntervalSince1970: 0))
            }
        }
    }

    private static func people(_ count: Int, _ label: SmearClass, _ answers: String) -> [(SmearClass, String)] {
        Array(repeating: (label, answers), count: count)
    }

    @Test(arguments: [1, 5, 29, 59, 400])
    func `without an error the limit is the exact one of a count`(units: Int) {
        let exact = 1 - pow(0.05, 1 / Double(units))
        #expect(abs(ShareBound.upper(mean: 0, units: units) - exact) < 1e-9)
    }

    @Test func `the limit covers the true share at least 95 times in 100, whatever the shares of people`() {
        var random = SplitMix64(seed: 11)
        // Half of the people have no error at all, in the other half a share of the fields is wrong: a mean of 0.15.
        var covered = 0
        for _ in 0..<400 {
            let shares = (0..<40).map { _ in
                random.next(below: 2) == 0 ? 0 : Double((0..<10).count { _ in random.next(below: 10) < 3 }) / 10
            }
            let mean = shares.reduce(0, +) / 40
            covered += ShareBound.upper(mean: mean, units: 40) >= 0.15 ? 1 : 0
        }
        #expect(covered >= 380, "\(covered) of 400")
    }

    @Test func `more people or fewer errors make the limit lower, and the people needed are the fewest that do`() throws
    {
        for mean in [0.0, 0.02, 0.05] {
            let limits = [10, 30, 100, 1000].map { ShareBound.upper(mean: mean, units: $0) }
            #expect(limits == limits.sorted(by: >) && limits.allSatisfy { $0 > mean && $0 < 1 })
            let needed = try #require(ShareBound.unitsNeeded(mean: mean, below: 0.1))
            #expect(ShareBound.upper(mean: mean, units: needed) <= 0.1)
        }
        #expect(ShareBound.unitsNeeded(mean: 0, below: 0.1) == 29)
        #expect(ShareBound.unitsNeeded(mean: 0.1, below: 0.1) == nil)
        #expect(ShareBound.upper(mean: 0, units: 0) == 1)
    }

    @Test func `as many people as the limits need qualify, one fewer does not`() throws {
        let limits = SiteLimits()
        #expect(limits.peopleNeeded(withLeukaemia: true) == 29 && limits.peopleNeeded(withLeukaemia: false) == 29)
        let enough = Self.people(29, .preB, "rrr") + Self.people(29, .benign, "rr")
        #expect(QualificationFigures(Self.fields(enough), limits: limits).isPassed)
        let fewer = QualificationFigures(Self.fields(Array(enough.dropFirst())), limits: limits)
        #expect(!fewer.isPassed && fewer.sensitivity?.morePeople == 1 && fewer.specificity?.isReached == true)
        #expect(fewer.morePeople(withLeukaemia: true, limits: limits) == 1)
        #expect(fewer.morePeople(withLeukaemia: false, limits: limits) == 0)
    }

    @Test func `fields of one person count together, however many there are`() throws {
        let many = QualificationFigures(
            Self.fields(Self.people(3, .proB, String(repeating: "r", count: 200))), limits: SiteLimits())
        let sensitivity = try #require(many.sensitivity)
        #expect((sensitivity.people, sensitivity.fields) == (3, 600))
        #expect(sensitivity.value == 1 && abs(sensitivity.limit - pow(0.05, 1.0 / 3)) < 1e-9)
        #expect(sensitivity.morePeople == 26)
        // A person with half of the fields right counts a half, whether there are two of them or twenty.
        for answers in ["r?", "rrrrr?????"] {
            let figures = QualificationFigures(
                Self.fields([(.proB, answers), (.proB, "r")]), limits: SiteLimits())
            #expect(figures.sensitivity?.value == 0.75)
        }
    }

    @Test func `with people without leukaemia alone specificity is stated, and nothing is passed`() throws {
        let figures = QualificationFigures(Self.fields(Self.people(60, .benign, "rr")), limits: SiteLimits())
        #expect(figures.isOneSided && !figures.isPassed && figures.sensitivity == nil && figures.missed == nil)
        #expect(figures.specificity?.value == 1 && figures.specificity?.isReached == true)
        #expect(figures.morePeople(withLeukaemia: true, limits: SiteLimits()) == 29)
    }

    @Test func `a declined or open field is not right, and not wrong either; too many wrong ones no number makes good`()
    {
        let limits = SiteLimits()
        let open = QualificationFigures(
            Self.fields(Self.people(40, .preB, "rrr?") + Self.people(40, .benign, "rrrx")), limits: limits)
        #expect(open.sensitivity?.value == 0.75 && open.missed?.value == 0 && open.missed?.isReached == true)
        #expect(open.sensitivity?.morePeople == nil && !open.isPassed)
        #expect(open.morePeople(withLeukaemia: true, limits: limits) == nil)
        let wrong = QualificationFigures(Self.fields(Self.people(40, .preB, "rrrw")), limits: limits)
        #expect(wrong.missed?.value == 0.25 && wrong.missed?.morePeople == nil)
        // Which kind of leukaemia is reported is no matter here.
        let stage = ControlField(
            siteID: SiteID(), person: "P", label: .preB, knownBy: .cytogenetics, sha256: "x",
            answer: ControlAnswer(
                model: Self.model, decision: .report, label: .proB,
                watched: WatchedField(isMalignant: true, novelty: 0, evidence: 1)),
            createdAt: Date(timeIntervalSince1970: 0))
        #expect(stage.isRight && !stage.isWrong)
    }

    @Test func `limits and scales out of range are refused, and told which`() throws {
        func field(_ body: () throws -> Void) -> String? {
            do { try body() } catch { return (error as? ClinicError)?.field }
            return nil
        }
        #expect(field { _ = try SiteLimits(sensitivity: 0.4).checked() } == "sensitivity")
        #expect(field { _ = try SiteLimits(specificity: 1).checked() } == "specificity")
        #expect(field { _ = try SiteLimits(wrongReports: 0.5).checked() } == "wrongReports")
        #expect(field { _ = try SiteLimits().checked() } == nil)
        #expect(field { _ = try SiteLimits.share("many", field: "sensitivity") } == "sensitivity")
        #expect(field { _ = try SiteOptics.scale("5") } == "scale")
        #expect(try SiteOptics.scale(" 0,0645 ") == 0.0645 && SiteOptics.scale("") == nil)
        let optics = SiteOptics(name: " Stand ", objective: "100x", camera: "", stain: "Leishman")
        #expect(field { _ = try optics.checked() } == "camera")
        #expect(
            field { _ = try Sites.ControlLabel(person: "P", label: .preB, knownBy: .followUp) } == "knownBy")
    }
}
