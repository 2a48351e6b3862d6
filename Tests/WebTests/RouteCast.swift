import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// The people of the route-by-role walk, and the case that they ask for.
struct RouteCast: Sendable {
    enum Person: CaseIterable, Sendable {
        case nobody, otherPatient, unrelatedClinician, sharedClinician, owner, administrator
    }

    private let client: any TestClientProtocol
    let services: SiteServices
    private let users: [Person: User]
    private let tokens: [Person: String]
    private let caseID: CaseID
    private let screeningID: ScreeningID

    init(client: any TestClientProtocol, services: SiteServices) async throws {
        self.client = client
        self.services = services
        var (users, tokens): ([Person: User], [Person: String]) = ([:], [:])
        for (person, role) in [
            (Person.otherPatient, Role.patient), (.unrelatedClinician, .clinician), (.sharedClinician, .clinician),
            (.owner, .patient), (.administrator, .administrator),
        ] {
            let user = try await TestPeople.make("\(person)@example.org", role, in: services)
            users[person] = user
            tokens[person] = try await services.accounts.makeAPIToken(
                APIToken.Terms(label: "\(person)", scopes: Set(APIToken.Scope.allCases)), of: user.id
            ).text
        }
        (self.users, self.tokens) = (users, tokens)
        caseID = try await Self.makeCase(users, in: services)
        let picture = try TestSite.picture()
        let owner = try #require(users[.owner])
        screeningID = try await services.intake.add(picture, to: caseID, by: .user(owner.id), uploadKey: "first").1.id
        try await Self.screenAll(services)
        let (shared, clinician) = (screeningID, try #require(users[.sharedClinician]))
        try await services.database.write {
            try $0.share(shared, with: clinician.id, allowsTraining: false, at: services.clock())
        }
    }

    func user(_ person: Person) throws -> User { try #require(users[person]) }

    func token(of person: Person) -> String { tokens[person] ?? "" }

    /// Whether a route takes tokens and answers in JSON.
    static func isForProgram(_ route: RouteEntry) -> Bool {
        route.path.hasPrefix("/api/") || route.path.hasPrefix("/fhir/") || route.path == "/metrics"
    }

    /// Asks for a route as somebody, by a script that sends the token against forged requests in the header.
    func ask(_ route: RouteEntry, as person: Person) async throws -> TestResponse {
        try await ask(route, as: person) { try await $0.csrf() }
    }

    /// The same with another token, or none.
    func ask(_ route: RouteEntry, as person: Person, forgeryToken: String?) async throws -> TestResponse {
        try await ask(route, as: person) { _ in forgeryToken }
    }

    private func ask(
        _ route: RouteEntry, as person: Person, forgeryToken: (TestBrowser) async throws -> String?
    ) async throws -> TestResponse {
        let method = try #require(HTTPRequest.Method(route.method))
        var headers: HTTPFields = [:]
        let path = try await path(of: route)
        guard !Self.isForProgram(route) else {
            if person != .nobody { headers[.authorization] = "Bearer \(token(of: person))" }
            return try await client.execute(uri: path, method: method, headers: headers)
        }
        let browser = TestBrowser(client)
        if let user = users[person] {
            browser.cookies = try await TestPeople.browser(of: user, client: client, in: services).cookies
        }
        guard method != .get else { return try await browser.get(path) }
        if let token = try await forgeryToken(browser) { headers[try #require(.init("X-CSRF-Token"))] = token }
        // Two routes look at the form first, so that they are given a good one.
        var body = ByteBuffer(string: route.path == "/cases/:id/rename" ? "title=Renamed" : "")
        if route.path == "/cases/:id/images" {
            headers[.contentType] = TestSite.formHeaders[.contentType]
            body = TestSite.form(try TestSite.picture(), fields: [("uploadKey", "second")])
        }
        if ["/practice/documents", "/practice/photo"].contains(route.path) {
            headers[.contentType] = TestSite.formHeaders[.contentType]
            let field = route.path == "/practice/photo" ? "photo" : "document"
            body = TestSite.form(try TestSite.picture(), field: field)
        }
        return try await browser.send(path, method, headers, body)
    }

    /// The path with real identifiers; what deletes or changes gets a case of its own.
    private func path(of route: RouteEntry) async throws -> String {
        if let path = try await directoryPath(of: route) { return path }
        if let path = try await adminPath(of: route) { return path }
        if let path = try await visitPath(of: route) { return path }
        var path = route.path
        if path.hasPrefix("/fhir/") { return try await fhirPath(of: route) }
        if path.hasPrefix("/people/") { return path.replacing(":id", with: try await spareDependent().text) }
        if path == "/compare" { return "/compare?a=\(caseID)&b=\(caseID)" }
        if path.hasPrefix("/account/tokens/") { return path.replacing(":id", with: try await spareToken().text) }
        if path.hasPrefix("/notices/") { return path.replacing(":id", with: try await spareNotice().text) }
        if path.hasPrefix("/readings/cases/") { return path.replacing(":id", with: caseID.text) }
        if path.contains("/screenings/") || path.hasPrefix("/readings/:id") {
            return path.replacing(":id", with: screeningID.text).replacing(":name", with: "display.jpg")
        }
        // What is shared is in one case alone, and a change without fields changes nothing.
        let isShared = route.method == "GET" || path.hasSuffix("/cells") || path.hasSuffix("/site")
        let (id, image) = isShared ? (caseID, nil) : try await spareCase()
        if path.hasPrefix("/live/links/") {
            let (now, digest) = (services.clock(), SecretToken().digest)
            let spare = WatchLink(
                ownerID: try user(.owner).id, digest: digest, createdAt: now, expiresAt: now + 3600)
            try await services.database.write { try $0.insert(spare) }
            return path.replacing(":link", with: spare.id.text)
        }
        if path.contains(":link") {
            let (now, link) = (services.clock(), SecretToken().digest)
            let spare = ReportLink(caseID: id, digest: link, createdAt: now, expiresAt: now + 3600)
            try await services.database.write { try $0.insert(spare) }
            path = path.replacing(":link", with: spare.id.text)
        }
        if path.contains(":slide") {
            let now = services.clock()
            let slide = CaseSlide(
                caseID: id, ownerID: try user(.owner).id, name: "smear.svs", source: .upload, byteCount: 1, received: 1,
                state: .done, wanted: 20, width: 300, height: 200, createdAt: now, updatedAt: now)
            try await services.database.write { try $0.insert(slide) }
            path = path.replacing(":slide", with: slide.id.text).replacing(":zoom", with: "0")
                .replacing(":column", with: "0").replacing(":row", with: "0")
        }
        if path.contains(":image") {
            let known = try await services.database.read { try $0.images(of: id) }
            path = path.replacing(":image", with: (image ?? known.first?.id ?? ImageID()).text)
        }
        return path.replacing(":id", with: id.text).replacing(":name", with: "none.css")
            .replacing(":class", with: "pre-b").replacing(":token", with: SecretToken().text)
    }

    /// A report to read, a request to make, a subscription to end.
    private func fhirPath(of route: RouteEntry) async throws -> String {
        guard route.method == "DELETE" else {
            let type = route.path == "/fhir/:type" && route.method == "POST" ? "ServiceRequest" : "DiagnosticReport"
            return route.path.replacing(":type", with: type)
                .replacing(":id", with: caseID.text.replacing("_", with: "."))
        }
        return "/fhir/Subscription/\(try await spareSubscription().text.replacing("_", with: "."))"
    }

    /// A subscription that may be ended.
    func spareSubscription() async throws -> SubscriptionID {
        let spare = Subscription(
            userID: try user(.administrator).id, endpoint: "https://his.example.org/news",
            createdAt: services.clock())
        try await services.database.write { try $0.insert(spare) }
        return spare.id
    }

    /// Something that the owner is told and may put away.
    private func spareNotice() async throws -> NoticeID {
        let notice = Notice(to: try user(.owner).id, .shareEnded, caseID: caseID, createdAt: services.clock())
        try await services.database.write { try $0.post(notice) }
        return notice.id
    }

    /// Somebody in the owner's care who may be removed.
    private func spareDependent() async throws -> DependentID {
        let now = services.clock()
        let dependent = Dependent(
            guardianID: try user(.owner).id, facts: Dependent.Facts(name: "Anna", ageYears: 6), ageToldAt: now,
            createdAt: now, updatedAt: now)
        try await services.database.write { try $0.insert(dependent) }
        return dependent.id
    }

    /// A token of the owner that may be revoked.
    private func spareToken() async throws -> APITokenID {
        let token = APIToken(
            digest: SecretToken().digest, userID: try user(.owner).id, label: "spare", scopes: [.read],
            createdAt: services.clock(), expiresAt: .distantFuture)
        try await services.database.write { try $0.insert(token) }
        return token.id
    }

    /// A case of the owner that may be deleted, with an image.
    private func spareCase() async throws -> (CaseID, ImageID?) {
        let id = try await Self.makeCase(users, in: services)
        let image = CaseImage(
            caseID: id, number: 0, uploadKey: "spare", width: 64, height: 64, byteCount: 1,
            sha256: String(repeating: "0", count: 64), archiveKey: "images/\(ImageID()).png",
            createdAt: services.clock())
        let screening = ScreeningRecord(imageID: image.id, caseID: id, createdAt: services.clock())
        let stored = try await services.database.write { try $0.insert(image, screening: screening) }
        return (id, stored.0.id)
    }

    private static func makeCase(_ users: [Person: User], in services: SiteServices) async throws -> CaseID {
        let owner = try #require(users[.owner])
        let now = services.clock()
        let smearCase = SmearCase(ownerID: owner.id, title: "Sample", createdAt: now, updatedAt: now)
        try await services.database.write { try $0.insert(smearCase) }
        return smearCase.id
    }

    /// Screens what is queued.
    private static func screenAll(_ services: SiteServices) async throws {
        let worker = ScreeningWorker(
            database: services.database, archive: services.archive, models: services.models.shelf)
        let work = Task { await worker.run() }
        defer { work.cancel() }
        for _ in 0..<12000 {
            if try await services.database.read({ try $0.countPendingScreenings() }) == 0 { return }
            worker.wake()
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("The screening was not done within two minutes.")
    }
}
