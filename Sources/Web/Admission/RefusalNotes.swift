/// How many refused tokens the audit log notes, so that nobody fills it with them: of one address five at once and then
/// one a minute, of all together sixty and then ten a minute. Those beyond are refused just so, and not noted.
struct RefusalNotes: Sendable {
    private let address: RateLimiter
    private let everybody: RateLimiter

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        address = RateLimiter(burst: 5, perMinute: 1, now: now)
        everybody = RateLimiter(burst: 60, perMinute: 10, now: now)
    }

    /// Whether the next one is noted.
    func admits(_ address: String) -> Bool { self.address.admits(address) && everybody.admits("") }
}
