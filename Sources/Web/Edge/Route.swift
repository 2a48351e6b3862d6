import HTTPTypes
import Hummingbird

/// One line of the route table: what is asked, who may ask, and what answers.
///
/// Every route of the server is one of these, so that a test can walk all of them as everybody.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    /// Where the token against forged requests is, in a request that changes something (OWASP ASVS 5.0, 3.5.1).
    /// The header `X-CSRF-Token` is taken in any case. Routes for programs need none: no browser sends their tokens.
    enum ForgeryCheck: Sendable {
        /// In the field `csrf` of an urlencoded form, which the guard reads into `context.form`.
        case form
        /// As `form`, where somebody is logged in; of others nothing is kept or used.
        case formOfUser
        /// In a part `csrf` of a multipart form, before the files; the handler asks `context.checkForgery`.
        case upload
        /// As `upload`, where somebody is logged in; of others nothing is kept or used.
        case uploadOfUser
    }

    let method: HTTPRequest.Method
    /// With parameters as `:name`.
    let path: String
    let access: Access
    let check: ForgeryCheck
    /// Counts what one address sends; nil where nothing is counted.
    let limiter: RateLimiter?
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, check: ForgeryCheck = .form,
        limiter: RateLimiter? = nil, handler: @escaping Handler
    ) {
        (self.method, self.path, self.access) = (method, path, access)
        (self.check, self.limiter, self.handler) = (check, limiter, handler)
    }

    /// Whether programs ask for it: they get problem details, and are told which methods an address knows.
    var isForProgram: Bool { Self.isForProgram(path) }

    /// Where programs are answered in FHIR.
    static let fhir = "/fhir/"

    /// Whether programs ask for a path.
    static func isForProgram(_ path: String) -> Bool {
        path.hasPrefix("/api/") || path.hasPrefix(fhir) || ["/healthz", "/readyz", "/metrics"].contains(path)
    }

    /// Whether the method may change something (RFC 9110, 9.2.1).
    var changes: Bool { ![HTTPRequest.Method.get, .head, .options].contains(method) }
}

extension Route {
    /// The routes of all languages as one table, each of which answers in the language of who asks.
    ///
    /// - Parameters:
    ///   - tables: The same routes in the same order, by language.
    ///   - language: That of who asks for none.
    static func spoken(_ tables: [String: [Route]], otherwise language: String) -> [Route] {
        (tables[language] ?? []).enumerated().map { index, route in
            let handlers = tables.mapValues { $0[index].handler }
            return Route(
                route.method, route.path, route.access, check: route.check, limiter: route.limiter
            ) { request, context in
                try await (handlers[context.language] ?? route.handler)(request, context)
            }
        }
    }
}

/// A route as tests and documents see it.
public struct RouteEntry: Sendable, Hashable, CustomStringConvertible {
    public let method: String
    /// With parameters as `:name`.
    public let path: String
    public let access: Access
    /// Whether it takes files in a form.
    public let takesFiles: Bool
    /// Whether it counts what one address sends.
    public let isLimited: Bool

    init(_ route: Route) {
        method = route.method.rawValue
        path = route.path
        access = route.access
        takesFiles =
            switch route.check {
            case .upload, .uploadOfUser: true
            case .form, .formOfUser: false
            }
        isLimited = route.limiter != nil
    }

    public var description: String { "\(method) \(path)" }
}
