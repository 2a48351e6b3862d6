import Clinic

/// Refuses attempts at an account that come too fast (`LoginAttempts`).
struct LoginThrottle: Sendable {
    let attempts: LoginAttempts

    /// Counts an attempt, before the password is looked at.
    ///
    /// - Throws: `WebError.rateLimited`, `ClinicError.databaseUnavailable`.
    func admit(_ email: String, from address: String) async throws {
        guard let wait = try await attempts.wait(email, from: NetworkPrefix.text(address)) else { return }
        throw WebError(
            .rateLimited, "errors.accounts.throttle", retryAfterSeconds: max(1, Int(wait.rounded(.up))))
    }

    /// Forgets the attempts that came before a right password.
    ///
    /// - Throws: `ClinicError.databaseUnavailable`.
    func succeeded(_ email: String, from address: String) async throws {
        try await attempts.succeeded(email, from: NetworkPrefix.text(address))
    }
}
