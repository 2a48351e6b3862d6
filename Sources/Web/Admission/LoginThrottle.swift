import Clinic
import Crypto
import Foundation

/// Slows down guessing at one account, whether anybody has it or not (OWASP ASVS 5.0, 6.3.1).
///
/// Kept in memory: each server of a cluster counts for itself, and a restart forgets. Five attempts from one address at
/// once, then two a minute; from all addresses together thirty, then one a minute, so that many machines guess no faster
/// than a few thousand times a day and one machine alone cannot lock somebody out.
struct LoginThrottle: Sendable {
    private let pair = RateLimiter(burst: 5, perMinute: 2, message: "errors.accounts.throttle")
    private let account = RateLimiter(burst: 30, perMinute: 1, message: "errors.accounts.throttle")

    /// Counts an attempt, before the password is looked at.
    ///
    /// - Throws: `WebError.rateLimited`.
    func admit(_ email: String, from address: String) throws {
        let key = Self.key(email)
        try pair.admit("\(key) \(NetworkPrefix.text(address))")
        try account.admit(key)
    }

    /// Forgets the attempts that came before a right password.
    func succeeded(_ email: String, from address: String) {
        let key = Self.key(email)
        pair.forget("\(key) \(NetworkPrefix.text(address))")
        account.forget(key)
    }

    /// No address of a person stays in memory, and a long one takes no more of it.
    private static func key(_ email: String) -> String {
        let address = email.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        return Data(SHA256.hash(data: Data(address.utf8))).base64EncodedString()
    }
}
