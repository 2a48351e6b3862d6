import Testing

/// What a test waited for did not come.
struct NeverCame: Error, CustomStringConvertible {
    let description: String
}

/// Waits until something holds, and fails after three minutes: a test whose event never comes must end.
///
/// - Parameters:
///   - event: What is waited for, for the message.
///   - holds: Whether it has come.
/// - Throws: `NeverCame` after three minutes, and what `holds` throws.
func eventually(_ event: String, _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(180)
    repeat {
        if try await holds() { return }
        try await Task.sleep(for: .milliseconds(2))
    } while ContinuousClock.now < deadline
    throw NeverCame(description: "\(event) did not come within three minutes")
}
