import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// Walks every route of the server as everybody (OWASP ASVS 5.0, 8.2 and 8.3). A route that `expectations` lacks fails
/// the suite, so that nobody adds one without saying who may use it.
@Suite struct RouteAccessTests {
    /// Who may use a route, as this test expects it: written down here, not read from the route.
    enum Rule {
        /// Everybody gets an answer.
        case everyone
        /// Everybody who is logged in, or sends a token.
        case members
        /// The owner of the object alone; others are not told that there is one.
        case owner
        /// The owner, the clinician it is shared with, the administrator.
        case readers
        /// The owner of the case and the administrator; of it a single image is shared here, and not the whole (that is in
        /// `WholeCasePagesTests`).
        case caseReaders
        /// The two sides of an appointment: the owner, and the clinician it is with.
        case parties
        /// The clinician it is shared with, alone.
        case sharedClinician
        /// The clinician it is shared with, and the administrator: not its owner, who is a patient.
        case staffReaders
        /// Clinicians and administrators.
        case clinicians
        /// Administrators alone.
        case administrators
        /// A token of an administrator; those of others are told that it does not reach that far.
        case operators
        /// With what the test puts into the path there is nothing there, for anybody.
        case nothing
    }

    static let expectations: [String: Rule] = [
        // Pages that need no account.
        "GET /": .everyone, "GET /learn": .everyone,
        "GET /learn/quality": .everyone, "GET /screen": .everyone, "POST /screen": .everyone,
        "GET /assets/:name": .nothing, "GET /examples/:class": .everyone,
        // Without a network: everybody gets the files and the pages, which hold what is theirs or nothing.
        "GET /manifest.webmanifest": .everyone, "GET /service-worker.js": .everyone, "GET /offline": .everyone,
        "GET /waiting": .everyone, "GET /waiting/account": .everyone,
        // Entrance.
        "POST /language": .everyone, "GET /login": .everyone, "POST /login": .everyone, "POST /login/code": .everyone,
        "POST /logout": .everyone,
        "GET /register": .everyone, "POST /register": .everyone, "GET /reset": .everyone, "POST /reset": .everyone,
        "GET /reset/:token": .nothing, "POST /reset/:token": .nothing, "GET /setup/:token": .nothing,
        "POST /setup/:token": .nothing,
        // One's own account; the token of the path belongs to the owner.
        "GET /account": .members, "POST /account/profile": .members, "POST /account/password": .members,
        "POST /account/email": .members, "POST /account/totp/offer": .members,
        "POST /account/sign-out-everywhere": .members, "GET /account/totp": .members, "POST /account/totp": .members,
        "POST /account/totp/off": .members, "POST /account/tokens": .members,
        "POST /account/tokens/:id/revoke": .owner, "GET /account/export": .members, "POST /account/delete": .members,
        // The notice, and the people in somebody's care.
        "GET /consent": .members, "POST /consent": .members, "GET /people": .members, "POST /people": .members,
        "GET /people/:id": .owner, "POST /people/:id": .owner, "POST /people/:id/consent": .owner,
        "GET /people/:id/remove": .owner, "POST /people/:id/remove": .owner, "POST /cases/:id/for": .owner,
        "GET /api/v1/people": .members,
        // Cases and screenings, by pages.
        "GET /cases": .members, "POST /cases": .members, "GET /compare": .caseReaders, "GET /cases/:id": .caseReaders,
        "GET /cases/:id/print": .caseReaders, "GET /cases/:id/status": .caseReaders,
        "GET /cases/:id/events": .caseReaders, "GET /cases/:id/report.pdf": .caseReaders,
        "POST /cases/:id/links": .owner, "POST /cases/:id/links/:link/revoke": .owner, "GET /reports/:token": .nothing,
        "GET /reports/:token/report.pdf": .nothing, "POST /cases/:id/person": .owner,
        "GET /screenings/:id/report.pdf": .readers,
        "POST /cases/:id/images": .owner, "POST /cases/:id/rename": .owner, "GET /cases/:id/delete": .owner,
        "POST /cases/:id/delete": .owner, "GET /cases/:id/images/:image/delete": .owner,
        "POST /cases/:id/images/:image/delete": .owner, "POST /cases/:id/again": .owner,
        "POST /cases/:id/images/:image/again": .owner, "GET /screenings/:id": .readers,
        "POST /cases/:id/site": .staffReaders, "POST /screenings/:id/site": .staffReaders,
        "GET /screenings/:id/pictures/:name": .readers,
        // Whole slides.
        "GET /slides": .members, "POST /slides": .members, "GET /cases/:id/slides": .caseReaders,
        "POST /cases/:id/slides": .owner, "POST /cases/:id/slides/registered": .owner,
        "PUT /cases/:id/slides/:slide/parts": .owner, "GET /cases/:id/slides/:slide/status": .caseReaders,
        "GET /cases/:id/slides/:slide": .caseReaders, "GET /cases/:id/slides/:slide/marks": .caseReaders,
        "GET /cases/:id/slides/:slide/tiles/:zoom/:column/:row": .caseReaders,
        "POST /cases/:id/slides/:slide/read": .owner, "POST /cases/:id/slides/:slide/delete": .owner,
        "POST /api/v1/cases/:id/slides": .owner, "GET /api/v1/cases/:id/slides/:slide": .caseReaders,
        "PUT /api/v1/cases/:id/slides/:slide/parts": .owner,
        // The live microscope.
        "GET /live": .members, "POST /live": .members, "POST /live/frames": .members, "POST /live/taken": .members,
        // Watching it together; the link of the path belongs to the owner, and no secret opens anything.
        "GET /live/links": .members, "POST /live/links": .members, "POST /live/links/revoke": .members,
        "POST /live/links/:link/revoke": .owner, "GET /live/talk": .members,
        "POST /live/talk": .members, "GET /watch/:token": .nothing, "GET /watch/:token/events": .nothing,
        "GET /watch/:token/frame": .nothing, "POST /watch/:token/talk": .nothing,
        // Cases and screenings, by programs.
        "GET /api/openapi.json": .everyone, "POST /api/v1/predict": .members, "GET /api/v1/cases": .members,
        "POST /api/v1/cases": .members, "GET /api/v1/cases/:id": .caseReaders, "DELETE /api/v1/cases/:id": .owner,
        "PUT /api/v1/cases/:id/person": .owner, "PUT /api/v1/cases/:id/site": .staffReaders,
        "GET /api/v1/cases/:id/report.pdf": .caseReaders,
        "POST /api/v1/cases/:id/images": .owner, "GET /api/v1/screenings/:id": .readers,
        "POST /api/v1/screenings/:id/again": .owner,
        "GET /api/v1/screenings/:id/heatmap.png": .readers, "GET /api/v1/screenings/:id/report.pdf": .readers,
        "GET /api/v1/screenings/:id/fhir": .readers,
        // The same for other systems.
        "GET /fhir/metadata": .everyone, "GET /fhir/:type": .members, "POST /fhir/:type/_search": .members,
        "GET /fhir/:type/:id": .caseReaders, "POST /fhir/:type": .members,
        "DELETE /fhir/:type/:id": .administrators,
        // Cells, of which a clinician sees those that are shared with them.
        "GET /screenings/:id/cells": .readers, "GET /cases/:id/cells": .readers, "GET /cases/:id/cells.csv": .readers,
        "POST /cases/:id/cells": .sharedClinician, "GET /admin/cells": .administrators,
        "GET /api/v1/cases/:id/cells": .readers, "POST /api/v1/cases/:id/cells": .sharedClinician,
        "GET /api/v1/cases/:id/differential": .readers, "GET /api/v1/cases/:id/differential.csv": .readers,
        // Sharing and second readings.
        "GET /sharing": .members, "POST /sharing": .members, "POST /sharing/withdraw": .members,
        "POST /sharing/training": .members, "GET /readings": .clinicians, "GET /readings/agreement": .clinicians,
        "POST /readings/blind": .clinicians, "GET /readings/:id": .sharedClinician,
        "POST /readings/:id": .sharedClinician, "GET /readings/cases/:id": .sharedClinician,
        "POST /readings/cases/:id": .sharedClinician, "POST /notices/:id/seen": .owner,
        "GET /admin/readings": .administrators,
        // The search for doctors, and why this order.
        "GET /doctors": .everyone, "GET /doctors/ranking": .everyone, "GET /api/v1/doctors": .members,
        // Appointments, opening hours, reviews.
        "GET /doctors/:id/book": .members, "POST /doctors/:id/book": .members, "GET /appointments": .members,
        "GET /appointments/:id": .parties, "GET /appointments/:id/calendar": .parties,
        "GET /appointments/:id/move": .owner, "POST /appointments/:id/move": .owner,
        "POST /appointments/:id/video": .parties, "POST /appointments/:id/cancel": .parties,
        "POST /appointments/:id/confirm": .parties,
        "POST /appointments/:id/complete": .parties, "POST /appointments/:id/missed": .parties,
        "GET /appointments/:id/review": .owner, "POST /appointments/:id/review": .owner,
        "POST /reviews/:id/edit": .owner, "POST /reviews/:id/report": .members,
        "POST /reviews/:id/answer": .sharedClinician, "GET /practice/hours": .members,
        "POST /practice/hours": .members, "GET /practice/appointments": .members,
        // The directory; the owner and the clinician have entries, and the paper is the owner's.
        "GET /places": .everyone, "GET /doctors/:id": .everyone, "GET /doctors/:id/photo": .everyone,
        "GET /practice": .members, "POST /practice": .members, "POST /practice/documents": .parties,
        "GET /practice/documents/:id": .caseReaders, "POST /practice/documents/:id/delete": .owner,
        "POST /practice/photo": .parties, "POST /practice/photo/delete": .parties, "POST /practice/retire": .parties,
        // Administration.
        "GET /admin": .administrators, "GET /admin/start": .administrators, "GET /admin/users": .administrators,
        "GET /admin/users/:id": .administrators,
        "GET /admin/users/new": .administrators, "POST /admin/users/new": .administrators,
        "POST /admin/users/:id/reset": .administrators, "POST /admin/users/:id/factor-off": .administrators,
        "POST /admin/users/:id/role": .administrators, "POST /admin/users/:id/disable": .administrators,
        "POST /admin/users/:id/enable": .administrators, "POST /admin/users/:id/sign-out": .administrators,
        "GET /admin/doctors": .administrators, "GET /admin/doctors/import": .administrators,
        "POST /admin/doctors/import": .administrators, "GET /admin/doctors/import/sample.csv": .administrators,
        "GET /admin/doctors/:id": .administrators,
        "POST /admin/doctors/:id/approve": .administrators, "POST /admin/doctors/:id/refuse": .administrators,
        "POST /admin/doctors/:id/retire": .administrators, "POST /admin/doctors/:id/assign": .administrators,
        "GET /admin/documents/:id": .administrators, "GET /admin/reviews": .administrators,
        "POST /admin/reviews/:id/publish": .administrators, "POST /admin/reviews/:id/remove": .administrators,
        "GET /admin/sites": .administrators, "POST /admin/sites": .administrators,
        "GET /admin/sites/changes": .administrators, "POST /admin/sites/changes": .administrators,
        "GET /admin/sites/:id": .administrators, "POST /admin/sites/:id": .administrators,
        "POST /admin/sites/:id/controls": .administrators, "POST /admin/sites/:id/qualify": .administrators,
        "POST /admin/sites/:id/suspend": .administrators, "GET /api/v1/sites": .members,
        "GET /api/v1/sites/:id": .members, "POST /api/v1/sites/:id/controls": .administrators,
        "GET /admin/models": .administrators, "POST /admin/models/install": .administrators,
        "POST /admin/models/activate": .administrators, "GET /admin/audit": .administrators,
        "GET /admin/audit/export": .administrators, "POST /admin/audit/verify": .administrators,
        "GET /admin/subscriptions": .administrators, "POST /admin/subscriptions/:id/end": .administrators,
        "GET /admin/privacy": .administrators, "POST /admin/privacy": .administrators,
        "POST /admin/privacy/:id/settle": .administrators, "GET /admin/privacy/export": .administrators,
        // Operation.
        "GET /healthz": .everyone, "GET /readyz": .everyone, "GET /metrics": .operators,
    ]

    /// What became of a request.
    enum Outcome: Equatable { case reached, toLogin, unauthorized, forbidden, hidden }

    static func expected(_ rule: Rule, _ person: RouteCast.Person, isForScript: Bool) -> Outcome {
        let strangers: Outcome = isForScript ? .unauthorized : .toLogin
        switch rule {
        case .everyone: return .reached
        case .nothing: return .hidden
        case .members: return person == .nobody ? strangers : .reached
        case .owner: return person == .nobody ? strangers : person == .owner ? .reached : .hidden
        case .readers:
            if person == .nobody { return strangers }
            return [.owner, .sharedClinician, .administrator].contains(person) ? .reached : .hidden
        case .clinicians:
            if person == .nobody { return strangers }
            return [.unrelatedClinician, .sharedClinician, .administrator].contains(person) ? .reached : .hidden
        case .administrators:
            if person == .nobody { return strangers }
            return person == .administrator ? .reached : .hidden
        case .caseReaders:
            if person == .nobody { return strangers }
            return [.owner, .administrator].contains(person) ? .reached : .hidden
        case .parties:
            if person == .nobody { return strangers }
            return [.owner, .sharedClinician].contains(person) ? .reached : .hidden
        case .staffReaders:
            if person == .nobody { return strangers }
            return [.sharedClinician, .administrator].contains(person) ? .reached : .hidden
        case .sharedClinician:
            if person == .nobody { return strangers }
            return person == .sharedClinician ? .reached : .hidden
        case .operators:
            if person == .nobody { return strangers }
            return person == .administrator ? .reached : .forbidden
        }
    }

    private static func outcome(_ response: TestResponse) -> Outcome {
        switch response.status {
        case .notFound: .hidden
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .seeOther where response.headers[.location]?.hasPrefix("/login?next=") == true: .toLogin
        case .seeOther where response.headers[.location] == "/login": .toLogin
        default: .reached
        }
    }

    @Test func `admits to every route those and only those who may use it`() async throws {
        try await TestSite.run(
            release: TestSite.screener(answering: .report, label: "pre-b"), demonstration: TestSite.screener(),
            configure: { $0.publicURL = URL(string: "https://smears.example.org") }
        ) { client, services in
            let routes = try await routeTable(
                configuration: TestSite.configuration { $0.publicURL = URL(string: "https://smears.example.org") },
                services: services, logger: TestSite.quiet)
            #expect(Set(routes.map(\.description)) == Set(Self.expectations.keys))
            #expect(routes.count == Self.expectations.count)
            let cast = try await RouteCast(client: client, services: services)
            for route in routes {
                let rule = try #require(Self.expectations[route.description])
                for person in RouteCast.Person.allCases {
                    let response = try await cast.ask(route, as: person)
                    let expected = Self.expected(
                        rule, person, isForScript: RouteCast.isForProgram(route) || route.method != "GET")
                    #expect(
                        Self.outcome(response) == expected,
                        "\(route) as \(person): \(response.status) \(response.headers[.location] ?? "")")
                    #expect(response.status.code < 500, "\(route) as \(person)")
                }
            }
        }
    }

    @Test func `counts what one address sends wherever files are taken`() async throws {
        try await TestSite.withServices { services in
            let routes = try await routeTable(
                configuration: TestSite.configuration(), services: services, logger: TestSite.quiet)
            // Bodies that are no forms: images and slides by programs, and parts of slides.
            let others: Set = [
                "POST /api/v1/predict", "POST /api/v1/cases/:id/images", "POST /api/v1/sites/:id/controls",
                "POST /cases/:id/slides", "POST /cases/:id/slides/registered", "PUT /cases/:id/slides/:slide/parts",
                "POST /api/v1/cases/:id/slides", "PUT /api/v1/cases/:id/slides/:slide/parts",
            ]
            let taking = routes.filter { $0.takesFiles || others.contains($0.description) }
            #expect(taking.count >= others.count + 8)
            for route in taking { #expect(route.isLimited, "\(route)") }
        }
    }

    @Test func `refuses every change by a page without the token of the browser`() async throws {
        try await TestSite.run { client, services in
            let routes = try await routeTable(
                configuration: TestSite.configuration(), services: services, logger: TestSite.quiet)
            let cast = try await RouteCast(client: client, services: services)
            var checked = 0
            for route in routes where route.method != "GET" && !RouteCast.isForProgram(route) {
                for token in [nil, "", "x", SecretToken().text] {
                    // As somebody whom the route's access lets through, so that only the token is missing.
                    let person: RouteCast.Person =
                        switch Self.expectations[route.description] {
                        case .administrators: .administrator
                        case .clinicians, .sharedClinician, .staffReaders: .sharedClinician
                        default: .owner
                        }
                    let response = try await cast.ask(route, as: person, forgeryToken: token)
                    #expect(response.status == .forbidden, "\(route) with \(token ?? "no token"): \(response.status)")
                    checked += 1
                }
            }
            #expect(checked >= 60)
        }
    }

    @Test func `sends a form of somebody who is logged out to the login`() async throws {
        try await TestSite.run { client in
            let answer = try await TestBrowser(client).post("/account/profile", [("name", "Anna")])
            #expect(answer.status == .seeOther)
            #expect(answer.headers[.location] == "/login")
        }
    }

    @Test func `a token opens no page and a session no program's route`() async throws {
        try await TestSite.run { client, services in
            let cast = try await RouteCast(client: client, services: services)
            let bearer: HTTPFields = [.authorization: "Bearer \(cast.token(of: .owner))"]
            let page = try await client.execute(uri: "/cases", method: .get, headers: bearer)
            #expect(page.status == .seeOther)
            let session = try await TestPeople.browser(of: cast.user(.owner), client: client, in: services)
            #expect(try await session.get("/api/v1/cases").status == .unauthorized)
        }
    }
}
