import Clinic
import Hummingbird
import NIOCore

/// What the routes know of a request beside its content.
struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address of who asks: the other end of the connection, or behind a proxy what the proxy says of it.
    var remoteAddress: String
    /// Who asks; nil for somebody who is not logged in and sent no API token.
    var principal: Principal?
    /// What tells this browser's own forms from those of other sites.
    var browser: BrowserSecret?
    /// Tells a device one account from another, without naming it; nil for somebody who is not logged in.
    var account: String?
    /// How whoever asks stands to the notice in force; looked up for pages alone.
    var standing: Consents.Standing?
    /// How many notices whoever asks has not seen; counted for pages alone.
    var unseen = 0
    /// The tag of the language that the answer is to be in.
    var language = ""
    /// Where whoever asks comes back to after another language was chosen: the page's own address, if it has one.
    var address = "/"
    /// The fields of an `application/x-www-form-urlencoded` body, which the route guard has read and checked.
    var form = FormFields()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }

    /// Who asks, on a route that only lets those through who are logged in or sent a token.
    ///
    /// - Throws: `WebError.unauthorized` for nobody.
    var requiredPrincipal: Principal {
        get throws {
            guard let principal else { throw WebError(.unauthorized, "errors.requests.login") }
            return principal
        }
    }

    /// The session of who asks, on a route of the pages.
    ///
    /// - Throws: `WebError.unauthorized` for nobody, and for a program.
    var requiredSession: Accounts.ActiveSession {
        get throws {
            guard let principal, let session = principal.session else {
                throw WebError(.unauthorized, "errors.requests.login")
            }
            return Accounts.ActiveSession(user: principal.user, session: session)
        }
    }
}

/// What the path names; each throws `WebError.notFound` for what cannot be an identifier.
extension WebContext {
    func caseID(_ name: String = "id") throws -> CaseID { try identifier(name) }

    func screeningID() throws -> ScreeningID { try identifier() }

    func appointmentID() throws -> AppointmentID { try identifier() }

    func reviewID() throws -> ReviewID { try identifier() }

    func doctorID() throws -> DoctorID { try identifier() }

    func documentID() throws -> DocumentID { try identifier() }

    func identifier<Thing>(_ name: String = "id") throws -> Identifier<Thing> {
        guard let id = parameters.get(name).flatMap({ Identifier<Thing>($0) }) else { throw WebError.nothingHere }
        return id
    }
}

extension WebError {
    static var nothingHere: WebError { WebError(.notFound, "errors.nothingHere") }
}
