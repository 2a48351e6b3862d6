import Casework
import Clinic
import Findings
import FindingsFixtures
import Foundation
import Imaging
import Screening
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct SiteOriginTests {
    @Test func `an image of a bound token is read at its microscope's scale, all others at none`() async throws {
        try await CaseworkFixture.run { fixture in
            let optics = SiteOptics(
                name: "Stand 2", objective: "100x", camera: "C", stain: "Leishman", micrometresPerPixel: 0.1)
            let site = try await Sites(database: fixture.database).create(optics, by: .system)
            let bound = try await fixture.intake().add(
                CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "bound", site: site.id)
            let plain = try await fixture.intake().add(
                CaseworkFixture.drawing(2), to: fixture.caseID, by: fixture.actor, uploadKey: "plain")
            // A site that there is not is none.
            let lost = try await fixture.intake().add(
                CaseworkFixture.drawing(3), to: fixture.caseID, by: fixture.actor, uploadKey: "lost", site: SiteID())
            #expect([bound, plain, lost].map(\.1.origin.siteID) == [site.id, nil, nil])
            let scales = Mutex<[SiteScale?]>([])
            let worker = fixture.worker { file in
                scales.withLock { $0.append(file.site) }
                return CaseworkFixture.outcome()
            }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(scales.withLock { $0.compactMap(\.self) } == [.micrometresPerPixel(0.1)])
            #expect(scales.withLock { $0.count } == 3)
            let stored = try await fixture.screenings()
            #expect(stored.map(\.origin.siteID) == [site.id, nil, nil])
            #expect(stored.allSatisfy { !$0.origin.isQualified })
        }
    }

    @Test func `an answer that was read without the scale of its microscope is not qualified`() async throws {
        try await CaseworkFixture.run { fixture in
            let sites = Sites(database: fixture.database)
            let optics = SiteOptics(
                name: "Stand 2", objective: "100x", camera: "C", stain: "Leishman", micrometresPerPixel: 0.1)
            let limits = SiteLimits(sensitivity: 0.5, specificity: 0.5, wrongReports: 0.25)
            let site = try await sites.create(optics, limits: limits, by: .system)
            for number in 0..<24 {
                let label: SmearClass = number % 2 == 0 ? .preB : .benign
                let outcome = ScreeningOutcome.sample(
                    .report, label, image: .init(width: 9, height: 9, sha256: String(format: "%064x", number)))
                _ = try await sites.add(
                    [.init(outcome)], of: .init(person: "P\(number)", label: label, knownBy: .cytogenetics),
                    to: site.id, by: .system)
            }
            let model = ScreeningOutcome.sample().model
            let qualification = try await sites.qualify(site.id, for: model, by: .system)
            let entry = try await sites.entry(site.id)
            #expect(qualification.isPassed && entry.isQualified(for: model))
            func outcome(_ source: ScaleSource) -> ScreeningOutcome {
                let plain = ScreeningOutcome.sample()
                return ScreeningOutcome(
                    label: .benign, displayName: "Benign", probabilities: plain.probabilities, decision: .report,
                    reasons: plain.reasons, predictionSet: [.benign], novelty: 0.1, similarCases: nil,
                    quality: plain.quality,
                    cells: CellFindings(
                        scale: .init(redCellPixels: 80, micrometresPerPixel: 0.1, source: source), found: 0,
                        differential: Differential([]), blastEvidence: .init(value: 0.1, low95: 0, high95: 0.3),
                        counts: .init(cells: 0, blastLike: 0, highest: nil, area: 1)),
                    model: model, image: plain.image, timings: plain.timings, notice: nil)
            }
            #expect(entry.site.covers(outcome(.site), under: entry.qualification))
            #expect(!entry.site.covers(outcome(.measured), under: entry.qualification))
            // A model that reads no cells asks for no scale.
            #expect(entry.site.covers(.sample(), under: entry.qualification))
            let told = SiteStanding(outcome(.measured), at: entry.site, entry.qualification)
            #expect(told.qualification == .unqualified && told.name == "Stand 2")
        }
    }
}
