import Casework
import Clinic
import Findings
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import ScreeningReports
import Wording

/// HL7 FHIR R4 for other systems; `docs/interoperability.md` describes it.
struct FHIRRoutes: Sendable {
    let services: SiteServices
    let reports: ReportMaker
    let limiter: RateLimiter
    /// Whether codes of SNOMED CT may be used here.
    let usesSNOMED: Bool

    var routes: [Route] {
        [
            Route(.get, "/fhir/metadata", .anyone) { request, _ in
                try Self.answer(CapabilityStatement(base: base(request)))
            },
            Route(.get, "/fhir/:type", .token(.read), limiter: limiter, handler: searchByAddress),
            Route(.post, "/fhir/:type/_search", .token(.read), limiter: limiter, handler: searchByForm),
            Route(.get, "/fhir/:type/:id", .tokenOfReader(.read), handler: read),
            Route(.post, "/fhir/:type", .token(.write), limiter: limiter, handler: create),
            Route(.delete, "/fhir/:type/:id", .token(.write), handler: delete),
        ]
    }

    private static let bodyBytes = 65_536
    private static let types: Set<String> = ["application/fhir+json", "application/json"]
    /// Cases that are looked at together, and for one page at most.
    private static let (batch, maximumLooks) = (20, 200)

    /// Where the site is reached, without a slash at the end.
    private func address(_ request: Request) -> String {
        reports.address.map { $0.absoluteString.trimmingCharacters(in: ["/"]) }
            ?? "http://\(request.head.authority ?? "localhost")"
    }

    /// Where FHIR is served.
    private func base(_ request: Request) -> String { "\(address(request))/fhir" }

    private static func answer(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, location: String? = nil
    ) throws -> Response {
        var response = APIAnswer.json(
            try JSONFormat.line.data(value), cacheControl: "no-store", contentType: "application/fhir+json")
        response.status = status
        if let location { response.headers[.location] = location }
        return response
    }

    private func exchange(_ dossier: CaseDossier, _ request: Request) -> CaseExchange {
        let address = address(request)
        let site = reports.address?.host() ?? "Leukoscope"
        return CaseExchange(
            dossier, words: .init(dossier, site: site, text: reports.text), address: address, usesSNOMED: usesSNOMED)
    }

    /// The type that the path names.
    private func type(_ context: WebContext) throws -> FHIRResourceType {
        let name = try context.parameters.require("type")
        guard let type = FHIRResourceType(rawValue: name) else {
            throw WebError(.notFound, "errors.fhir.type", ["type": String(name.prefix(64))])
        }
        return type
    }
}

/// Reading.
extension FHIRRoutes {
    @Sendable private func read(_ request: Request, _ context: WebContext) async throws -> Response {
        let (name, id) = (try context.parameters.require("type"), try context.parameters.require("id"))
        let principal = try context.requiredPrincipal
        if name == "Subscription" {
            guard let id = FHIRSubscription.id(id) else { throw WebError.nothingHere }
            return try Self.answer(
                FHIRSubscription(try await services.subscriptions.entry(id, for: principal)))
        }
        guard let caseID = FHIRID.caseID(id) else { throw WebError.nothingHere }
        if name == "Binary" { return try await binary(id, of: caseID, request, principal) }
        let type = try type(context)
        let dossier = try await services.exchange.dossier(of: caseID, for: principal)
        guard let found = exchange(dossier, request).resources(type).first(where: { $0.id == id }) else {
            throw WebError.nothingHere
        }
        return try Self.answer(found)
    }

    /// An image for display, or the report on paper; as a resource for who asks for FHIR.
    private func binary(
        _ id: String, of caseID: CaseID, _ request: Request, _ principal: Principal
    ) async throws -> Response {
        let (bytes, type): ([UInt8], String)
        if id == FHIRID.text(caseID, "report") {
            let contents = try await services.cases.contents(of: caseID, for: principal, .smearCase(.pdf))
            let cells = try await services.cells.galleryOfReport(of: caseID, for: principal.user)
            bytes = try await reports.pdf(of: contents, cells: cells, in: services.archive)
            type = "application/pdf"
        } else {
            let contents = try await services.cases.contentsAgain(of: caseID, for: principal)
            let entry = contents?.entries.first { FHIRID.text(caseID, "image-\($0.image.number)") == id }
            guard let entry, entry.screening.outcome != nil else { throw WebError.nothingHere }
            let found = try await services.cases.screening(
                entry.screening.id, for: principal, .screeningPicture(.display))
            bytes = try await services.archive.picture(.display, of: found)
            type = "image/jpeg"
        }
        guard request.headers[.accept]?.contains("fhir+json") == true else {
            return APIAnswer.file(bytes, contentType: type)
        }
        return try Self.answer(FHIRBinary(id: id, contentType: type, data: Data(bytes)))
    }
}

/// Searching.
extension FHIRRoutes {
    @Sendable private func searchByAddress(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        if try context.parameters.require("type") == "Subscription" {
            return try Self.answer(
                FHIRSubscriptionList(try await services.subscriptions.all(for: principal), base: base(request)))
        }
        let (type, form) = (try type(context), FormFields(query: request))
        if let token = form["_page"] {
            let search = try pageToken.open(token, for: principal.userID)
            guard search.type == type else { throw WebError(.malformedRequest, "errors.fhir.page") }
            return try await answer(search, link: "_page=\(token)", request, principal)
        }
        let search = try FHIRSearch(type, form, isInAddress: true)
        try pageToken.verify(search, for: principal.userID)
        return try await answer(search, link: request.uri.query ?? "", request, principal)
    }

    /// The parameters stand in the body, so that nobody's number is written into the logs of addresses.
    @Sendable private func searchByForm(_ request: Request, _ context: WebContext) async throws -> Response {
        let (type, principal) = (try type(context), try context.requiredPrincipal)
        let media = try HeaderParameters(parsing: request.headers[.contentType] ?? "").value
        guard media == "application/x-www-form-urlencoded" else {
            throw WebError(.unsupportedType, "errors.fhir.form")
        }
        guard (request.uri.query ?? "").isEmpty else { throw WebError(.malformedRequest, "errors.fhir.form") }
        let tooLarge = WebError(.tooLarge, "errors.uploads.formTooManyBytes", ["bytes": Self.bodyBytes])
        let body = try await BodyReader(maximumBytes: Self.bodyBytes, tooLarge: tooLarge).bytes(request)
        let search = try FHIRSearch(
            type, FormFields(parsing: Array(body.readableBytesView)), isInAddress: false)
        try pageToken.verify(search, for: principal.userID)
        let link = "_page=\(try pageToken.seal(search, for: principal.userID))"
        return try await answer(search, link: link, request, principal)
    }

    private var pageToken: FHIRPageToken { FHIRPageToken(key: services.key("fhir-search-pages")) }

    private func answer(
        _ search: FHIRSearch, link: String, _ request: Request, _ principal: Principal
    ) async throws -> Response {
        let (found, next) = try await page(search, request, principal)
        let place = "\(base(request))/\(search.type.rawValue)"
        var links = [FHIRBundle.Link(relation: "self", url: link.isEmpty ? place : "\(place)?\(link)")]
        if let next {
            let token = try pageToken.seal(next, for: principal.userID)
            links.append(.init(relation: "next", url: "\(place)?_page=\(token)"))
        }
        return try Self.answer(FHIRBundle(found, base: base(request), link: links))
    }

    /// A page, which may be short where little fits, and where the next one begins.
    private func page(
        _ search: FHIRSearch, _ request: Request, _ principal: Principal
    ) async throws -> (found: [FHIRResource], next: FHIRSearch?) {
        var (search, found, looks) = (search, [FHIRResource](), 0)
        while true {
            let (dossiers, isLast) = try await look(for: search, principal)
            for dossier in dossiers where search.fits(dossier) {
                let id = dossier.contents.smearCase.id
                let given = search.position.partial == id ? search.position.skip : 0
                let fits = exchange(dossier, request).resources.filter(search.fits).dropFirst(given)
                let room = search.count - found.count
                found += fits.prefix(room)
                if fits.count > room {
                    (search.position.skip, search.position.partial) = (given + room, id)
                    return (found, search)
                }
                search.position = .after(dossier.contents.smearCase)
            }
            looks += dossiers.count
            if isLast { return (found, nil) }
            if looks >= Self.maximumLooks { return (found, search) }
        }
    }

    /// The next cases to look at; those that are named all at once.
    private func look(
        for search: FHIRSearch, _ principal: Principal
    ) async throws -> (found: [CaseDossier], isLast: Bool) {
        guard let named = search.named else {
            let found = try await services.exchange.dossiers(
                matching: search.query, after: search.position.cursor, limit: Self.batch, for: principal)
            return (found, found.count < Self.batch)
        }
        let after = search.position.caseID?.text
        let left = named.filter { id in after.map { id.text > $0 } ?? true }.sorted { $0.text < $1.text }
        return (try await services.exchange.dossiers(of: left, for: principal), true)
    }
}

/// Making and ending.
extension FHIRRoutes {
    @Sendable private func create(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        switch try context.parameters.require("type") {
        case "ServiceRequest": return try await takeRequest(request, principal)
        case "Subscription": return try await subscribe(request, principal)
        case let name:
            throw WebError(
                .methodNotAllowed, "errors.fhir.create", ["type": String(name.prefix(64))],
                fields: ["Allow": "GET, HEAD"])
        }
    }

    private func takeRequest(_ request: Request, _ principal: Principal) async throws -> Response {
        let sent = try await JSONBody(request, upTo: Self.bodyBytes, types: Self.types)
            .decoded(as: IncomingFHIR.ServiceRequest.self)
        let asked = try Exchange.Asked(sent, untitled: reports.text("fhir.untitled"))
        let (made, dossier, isNew) = try await services.exchange.take(asked, by: principal)
        services.changes.publish(dossier.contents.smearCase.id)
        let part = FHIRID.text(dossier.contents.smearCase.id, made.id.text.replacing("_", with: "."))
        guard let told = exchange(dossier, request).resources(.serviceRequest).first(where: { $0.id == part }) else {
            throw WebError.nothingHere
        }
        return try Self.answer(
            told, status: isNew ? .created : .ok, location: "\(base(request))/ServiceRequest/\(told.id)")
    }

    private func subscribe(_ request: Request, _ principal: Principal) async throws -> Response {
        let sent = try await JSONBody(request, upTo: Self.bodyBytes, types: Self.types)
            .decoded(as: IncomingFHIR.Subscription.self)
        guard sent.resourceType == "Subscription" else {
            throw ClinicError(.invalid, "errors.fhir.resourceType", ["type": "Subscription"])
        }
        guard ["requested", "active"].contains(sent.status), sent.criteria?.hasPrefix("DiagnosticReport") == true,
            sent.criteria?.trimmingCharacters(in: ["?"]) == "DiagnosticReport"
        else { throw ClinicError(.invalid, "errors.fhir.criteria") }
        guard let channel = sent.channel, channel.type == "rest-hook", channel.header?.isEmpty != false,
            let endpoint = channel.endpoint
        else { throw ClinicError(.invalid, "errors.fhir.channel") }
        let made = try await services.subscriptions.subscribe(endpoint, by: principal)
        let told = FHIRSubscription(made)
        var response = try Self.answer(told, status: .created, location: "\(base(request))/Subscription/\(told.id)")
        // Told once; it can be made again of the installation's secret, and stands in no row.
        if let name = HTTPField.Name("Leukoscope-Secret") {
            response.headers[name] = services.secret(of: made.subscription.id)
        }
        return response
    }

    @Sendable private func delete(_ request: Request, _ context: WebContext) async throws -> Response {
        guard try context.parameters.require("type") == "Subscription",
            let id = FHIRSubscription.id(try context.parameters.require("id"))
        else { throw WebError.nothingHere }
        try await services.subscriptions.end(id, by: context.requiredPrincipal)
        return Response(status: .noContent)
    }
}
