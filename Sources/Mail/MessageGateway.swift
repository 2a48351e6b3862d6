/// Hands short messages over to whoever sends them on: a gateway of text messages or of a messenger, or in tests a list.
public protocol MessageGateway: Sendable {
    /// Hands a message over.
    ///
    /// - Parameters:
    ///   - body: JSON.
    ///   - identifier: The same at every try, so that the gateway sends one message once.
    /// - Throws: `MailError.notSent` when it was not taken.
    func post(_ body: [UInt8], identifier: String) async throws
}
