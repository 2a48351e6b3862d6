import CCurl
import Crypto
import Formats
import Foundation
import NativeCalls
import Offloading

/// Posts messages to one address, whatever stands behind it: a gateway of text messages, of a messenger, or a program of one's own.
///
/// Each post is signed: `Leukoscope-Signature: t=SECONDS,v1=HEX`, where `HEX` is HMAC-SHA256 (RFC 2104) over the seconds since 1970
/// UTC, a full stop, and the body. Only the host of the address is called: no redirection is followed and no proxy is asked, and
/// an address of a private network is refused unless it is named.
public final class WebhookGateway: MessageGateway {
    /// Bytes of a secret at least.
    public static let minimumSecret = 32
    /// Bytes of a body at most.
    public static let maximumBody = 16_384
    /// Bytes of an answer at most; a longer one counts as a failure.
    public static let maximumAnswer = 65_536

    private let url: String
    private let key: SymmetricKey
    private let allowed: String
    private let timeoutSeconds: Int
    private let clock: @Sendable () -> Date
    private let thread: BlockingThreads
    /// Of all that are made for a single post: a thread, once begun, stays.
    private static let brief = BlockingThreads(name: "leukoscope.news", count: 2)

    /// - Parameters:
    ///   - url: `https://host/path`; `http` only for a host that is one of `allowed`.
    ///   - secret: What the gateway checks the signature with, at least 32 bytes.
    ///   - allowed: Numeric addresses of private networks that may be called, such as `127.0.0.1`.
    ///   - timeoutSeconds: How long one post may take.
    ///   - isBrief: Whether it is made for a single post, and shares its threads with all others that are; else it has one of its
    ///     own, so that a gateway that does not answer holds up nothing else.
    ///   - clock: The time in the signature.
    /// - Throws: `MailError.configuration`.
    public init(
        url: String, secret: String, allowed: [String] = [], timeoutSeconds: Int = 20, isBrief: Bool = false,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.fragment == nil, url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else {
            throw MailError(
                .configuration, "The gateway's address must look like https://gateway.example.org/messages.")
        }
        for name in allowed where !Self.isAddress(name) {
            throw MailError(.configuration, "“\(name)” is no numeric address such as 127.0.0.1.")
        }
        guard parts.scheme == "https" || (parts.scheme == "http" && Self.isAddress(host, among: allowed)) else {
            throw MailError(
                .configuration,
                "The gateway's address must begin with https://; http:// is for an address that --message-allow names.")
        }
        guard secret.utf8.count >= Self.minimumSecret else {
            throw MailError(
                .configuration,
                "The gateway's secret must have at least \(Self.minimumSecret) bytes; it has \(secret.utf8.count).")
        }
        (self.url, self.timeoutSeconds, self.clock) = (url, timeoutSeconds, clock)
        self.allowed = allowed.joined(separator: " ")
        key = SymmetricKey(data: Data(secret.utf8))
        thread = isBrief ? Self.brief : BlockingThreads(name: "leukoscope.messages", count: 1)
    }

    /// Whether a text is a numeric address, such as `10.0.0.7` or `[fd00::7]`.
    public static func isAddress(_ text: String) -> Bool {
        !text.contains(" ") && cc_address_is_private(text) >= 0
    }

    /// Whether a host is a numeric address and one of some others, however each is written.
    public static func isAddress(_ host: String, among addresses: [String]) -> Bool {
        cc_address_is_named(addresses.joined(separator: " "), host) == 1
    }

    public func post(_ body: [UInt8], identifier: String) async throws {
        guard body.count <= Self.maximumBody,
            identifier.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
        else {
            throw MailError(.invalidMessage, "A message is too long, or its identifier could not stand in a field.")
        }
        let fields = [
            "Content-Type: application/json", "User-Agent: Leukoscope", "Idempotency-Key: \(identifier)",
            "Leukoscope-Signature: \(signature(of: body))",
        ]
        try await thread.run { [self] in try transmit(body, fields) }
    }

    private func signature(of body: [UInt8]) -> String {
        let seconds = String(Int(clock().timeIntervalSince1970))
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(seconds).".utf8) + Data(body), using: key)
        return "t=\(seconds),v1=\(code.hexadecimal)"
    }

    private func transmit(_ body: [UInt8], _ fields: [String]) throws {
        let bytes = body.map { CChar(bitPattern: $0) }
        try Native.call {
            cc_post(
                url, fields.joined(separator: "\n"), allowed, bytes, bytes.count, Self.maximumAnswer, timeoutSeconds, $0
            )
        } orThrow: { _, reason in
            MailError(.notSent, "The gateway did not take the message: \(reason).")
        }
    }
}
