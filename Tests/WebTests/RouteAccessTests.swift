import Clinic
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
        /// A token of an administrator; those of others are told that it does not reach that far.
        case operators
        /// With what the test puts into the path there is nothing there, for anybody.
        case nothing
    }

    static let expectations: [String: Rule] = [
        // Pages that need no account.
        "GET /": .everyone, "GET /learn": .everyone, "GET /screen": .everyone, "POST /screen": .everyone,
        "GET /assets/:name": .nothing, "GET /examples/:class": .everyone,
        // Entrance.
        "GET /login": .everyone, "POST /login": .everyone, "POST /login/code": .everyone, "POST /logout": .everyone,
        "GET /register": .everyone, "POST /register": .everyone, "GET /reset": .everyone, "POST /reset": .everyone,
        "GET /reset/:token": .nothing, "POST /reset/:token": .nothing, "GET /setup/:token": .nothing,
        "POST /setup/:token": .nothing,
        // One's own account; the token of the path belongs to the owner.
        "GET /account": .members, "POST /account/profile": .members, "POST /account/password": .members,
        "POST /account/sign-out-everywhere": .members, "GET /account/totp": .members, "POST /account/totp": .members,
        "POST /account/totp/off": .members, "POST /account/tokens": .members,
        "POST /account/tokens/:id/revoke": .owner, "GET /account/export": .members, "POST /account/delete": .members,
        // Cases and screenings, by pages.
        "GET /cases": .members, "POST /cases": .members, "GET /compare": .readers, "GET /cases/:id": .readers,
        "GET /cases/:id/print": .readers, "GET /cases/:id/status": .readers, "GET /cases/:id/events": .readers,
        "POST /cases/:id/images": .owner, "POST /cases/:id/rename": .owner, "GET /cases/:id/delete": .owner,
        "POST /cases/:id/delete": .owner, "GET /cases/:id/images/:image/delete": .owner,
        "POST /cases/:id/images/:image/delete": .owner, "GET /screenings/:id": .readers,
        "GET /screenings/:id/pictures/:name": .readers,
        // Cases and screenings, by programs.
        "GET /api/openapi.json": .everyone, "POST /api/v1/predict": .members, "GET /api/v1/cases": .members,
        "POST /api/v1/cases": .members, "GET /api/v1/cases/:id": .readers, "DELETE /api/v1/cases/:id": .owner,
        "POST /api/v1/cases/:id/images": .owner, "GET /api/v1/screenings/:id": .readers,
        "GET /api/v1/screenings/:id/heatmap.png": .readers, "GET /api/v1/screenings/:id/report.pdf": .readers,
        "GET /api/v1/screenings/:id/fhir": .readers,
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

    @Test func admitsToEveryRouteThoseAndOnlyThoseWhoMayUseIt() async throws {
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

    @Test func refusesEveryChangeByAPageWithoutTheTokenOfTheBrowser() async throws {
        try await TestSite.run { client, services in
            let routes = try await routeTable(
                configuration: TestSite.configuration(), services: services, logger: TestSite.quiet)
            let cast = try await RouteCast(client: client, services: services)
            var checked = 0
            for route in routes where route.method != "GET" && !RouteCast.isForProgram(route) {
                for token in [nil, "", "x", SecretToken().text] {
                    let response = try await cast.ask(route, as: .owner, forgeryToken: token)
                    #expect(response.status == .forbidden, "\(route) with \(token ?? "no token"): \(response.status)")
                    checked += 1
                }
            }
            #expect(checked >= 60)
        }
    }

    @Test func sendsAFormOfSomebodyWhoIsLoggedOutToTheLogin() async throws {
        try await TestSite.run { client in
            let answer = try await TestBrowser(client).post("/account/profile", [("name", "Anna")])
            #expect(answer.status == .seeOther)
            #expect(answer.headers[.location] == "/login")
        }
    }

    @Test func aTokenOpensNoPageAndASessionNoProgramsRoute() async throws {
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
