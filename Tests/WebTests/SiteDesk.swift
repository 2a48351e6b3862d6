import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web

/// An administrator, a clinician with cases of their own, and a patient, at a server that reports every picture.
struct SiteDesk: Sendable {
    let patient: CaseDesk
    let clinician: CaseDesk
    let administrator: TestBrowser
    let services: SiteServices
    let clinicianUser: User
    let administratorUser: User

    /// Eleven people of each kind are enough.
    static let limits = SiteLimits(sensitivity: 0.5, specificity: 0.5, wrongReports: 0.25)

    static func run(_ test: @Sendable (SiteDesk) async throws -> Void) async throws {
        // No class is possible but the most probable one.
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "")) { desk in
            let services = desk.services
            let clinician = try await TestPeople.make("clinician@example.org", .clinician, in: services)
            let administrator = try await TestPeople.make("admin@example.org", .administrator, in: services)
            func browser(_ user: User) async throws -> TestBrowser {
                try await TestPeople.browser(of: user, client: desk.client, in: services)
            }
            try await test(
                SiteDesk(
                    patient: desk,
                    clinician: CaseDesk(
                        browser: try await browser(clinician), client: desk.client, services: services),
                    administrator: try await browser(administrator), services: services, clinicianUser: clinician,
                    administratorUser: administrator))
        }
    }

    var model: ScreeningOutcome.Model {
        let description = services.models.shelf.active.package.description
        return .init(name: description.name, version: description.version)
    }

    /// Makes a site through the form.
    func create(_ name: String = "Stand 2") async throws -> SiteID {
        let answer = try await administrator.post(
            "/admin/sites", [("name", name), ("objective", "100x"), ("camera", "C"), ("stain", "Leishman")])
        let address = try #require(answer.headers[.location], "\(answer.text)")
        let id = try #require(address.firstMatch(of: /\/admin\/sites\/([A-Za-z0-9_-]{22})/)?.output.1)
        return try #require(SiteID(String(id)))
    }

    /// Sends control fields of one person through the form.
    func upload(
        _ images: [[UInt8]], of person: String, label: String, knownBy: String = "flow-cytometry",
        purpose: String = "qualification", to id: SiteID
    ) async throws -> TestResponse {
        let desk = CaseDesk(browser: administrator, client: patient.client, services: services)
        return try await desk.send(
            "/admin/sites/\(id)/controls", images: images,
            fields: [("person", person), ("label", label), ("knownBy", knownBy), ("purpose", purpose)])
    }

    /// A site that is qualified for the model in use, made without its pages.
    func qualified() async throws -> SiteID {
        let sites = Sites(database: services.database)
        let optics = SiteOptics(name: "Stand 2", objective: "100x", camera: "C", stain: "Leishman")
        let site = try await sites.create(optics, limits: Self.limits, by: .system)
        for number in 0..<24 {
            let label: SmearClass = number % 2 == 0 ? .preB : .benign
            let outcome = ControlAnswer(
                model: model, decision: .report, label: label,
                watched: WatchedField(
                    isMalignant: label.isMalignant, novelty: 0.5 + Double(number) / 100, evidence: 0.5))
            _ = try await sites.add(
                [.init(sha256: String(format: "%064x", number), answer: outcome)],
                of: .init(person: "P\(number)", label: label, knownBy: .flowCytometry), to: site.id, by: .system)
        }
        #expect(try await sites.qualify(site.id, for: model, by: .system).isPassed)
        return site.id
    }
}
