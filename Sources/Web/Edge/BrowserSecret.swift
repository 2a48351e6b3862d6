import Clinic
import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// What tells this browser's own forms from those of other sites: a token that is an HMAC of the browser's cookie (OWASP
/// Cross-Site Request Forgery Prevention Cheat Sheet, "signed double-submit cookie").
struct BrowserSecret: Sendable {
    /// The value of the `csrf` field and of the header `X-CSRF-Token`: 43 characters of base64url, and of somebody who is
    /// logged in, after a point, what tells their account from another.
    let token: String
    /// The cookie to set, for a browser that had none.
    let newCookie: String?

    /// - Parameters:
    ///   - cookie: The browser's cookie, that of its session or that of a visitor.
    ///   - key: The server's key for this purpose.
    ///   - account: What tells the account of the session from another.
    ///   - isNew: Whether the browser has to be given the cookie.
    init(cookie: String, key: [UInt8], account: String? = nil, isNew: Bool) {
        let code = HMAC<SHA256>.authenticationCode(for: Data("csrf:\(cookie)".utf8), using: SymmetricKey(data: key))
        token = Data(code).base64URL + (account.map { ".\($0)" } ?? "")
        newCookie = isNew ? cookie : nil
    }
}

extension WebContext {
    /// Checks the token against forged requests; a route with `check: .upload` calls it before it takes a file.
    ///
    /// - Parameters:
    ///   - field: The value of the form's field `csrf`; the header `X-CSRF-Token` goes before it.
    ///   - request: The request.
    /// - Throws: `WebError.forged` when neither is this browser's.
    func checkForgery(_ field: String?, in request: Request) throws {
        let sent = request.headers[.csrfToken] ?? field
        guard let browser, let sent, browser.newCookie == nil,
            Self.isEqual(Array(sent.utf8), Array(browser.token.utf8))
        else { throw WebError(.forged, "errors.requests.forged") }
    }

    /// Compares without telling by time where two texts differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension HTTPField.Name {
    /// Where scripts send the token against forged requests.
    static let csrfToken = HTTPField.Name("X-CSRF-Token") ?? .cookie
}

extension Data {
    /// Base64url without padding (RFC 4648, section 5).
    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
