import Clinic
import HTTPTypes
import Hummingbird

/// The cookies: a session's, that of a visitor who looks at a form before logging in, a reader's wish, and the
/// language.
///
/// `__Host-` ties a cookie to this very host, with `Secure` and `Path=/` (RFC 6265bis, 4.1.3.2). Browsers but WebKit take it on
/// `http://127.0.0.1` too (`LoopbackCookieMiddleware`); with `--allow-http` the names are plain and `Secure` is left out.
struct SiteCookies: Sendable {
    let isSecure: Bool

    private var prefix: String { isSecure ? "__Host-" : "" }
    private var sessionName: String { "\(prefix)session" }
    private var visitorName: String { "\(prefix)visitor" }
    private var blindName: String { "\(prefix)blind-reading" }
    private var languageName: String { "\(prefix)language" }

    /// The secret of the session that a request carries.
    func session(in request: Request) -> SecretToken? {
        request.cookies[sessionName].flatMap { SecretToken($0.value) }
    }

    /// The secret of the visitor that a request carries.
    func visitor(in request: Request) -> SecretToken? {
        request.cookies[visitorName].flatMap { SecretToken($0.value) }
    }

    /// Gives the browser a session's cookie, and takes the visitor's.
    ///
    /// - Parameter seconds: How long the browser should keep it; nil until it closes.
    func open(_ secret: SecretToken, seconds: Int?, in response: inout Response) {
        set(sessionName, secret.text, maxAge: seconds, in: &response)
        set(visitorName, "", maxAge: 0, in: &response)
    }

    /// Takes the session's cookie from the browser, and the pictures that it kept (W3C Clear Site Data).
    func close(in response: inout Response) {
        set(sessionName, "", maxAge: 0, in: &response)
        response.headers[.clearSiteData] = "\"cache\""
    }

    /// Gives a browser without a cookie of ours that of a visitor, which goes when it closes: without it the token of a page's
    /// forms is worth nothing.
    func greet(_ context: WebContext, in response: inout Response) {
        if let secret = context.browser?.newCookie { set(visitorName, secret, maxAge: nil, in: &response) }
    }

    /// Whether this browser's reader wants the network's answers hidden until they have signed.
    func hidesAnswers(in request: Request) -> Bool { request.cookies[blindName]?.value == "1" }

    /// Remembers for a year whether the network's answers are hidden.
    func hideAnswers(_ hides: Bool, in response: inout Response) {
        set(blindName, hides ? "1" : "", maxAge: hides ? 31_536_000 : 0, in: &response)
    }

    /// The language that was chosen in this browser.
    func language(in request: Request) -> String? { request.cookies[languageName]?.value }

    /// Remembers for a year which language was chosen.
    func keepLanguage(_ language: String, in response: inout Response) {
        set(languageName, language, maxAge: 31_536_000, in: &response)
    }

    private func set(_ name: String, _ value: String, maxAge: Int?, in response: inout Response) {
        response.setCookie(
            Cookie(
                name: name, value: value, maxAge: maxAge, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax))
    }
}

extension HTTPField.Name {
    /// What a browser shall forget of this site.
    fileprivate static let clearSiteData = HTTPField.Name("Clear-Site-Data") ?? .cookie
}
