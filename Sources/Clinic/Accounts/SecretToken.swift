import Crypto
import Formats
import Foundation

/// A secret that is handed out once and stored as its digest only: session, API token, password reset.
public struct SecretToken: Sendable, Equatable, CustomStringConvertible {
    /// What the person or program keeps: 43 characters of base64url, 256 random bits.
    public let text: String

    /// A new one, from the system's generator.
    public init() {
        text = Self.randomText(bytes: 32)
    }

    /// Takes a token that somebody sent; nil when it cannot be one of ours.
    public init?(_ text: String) {
        guard text.utf8.count == 43, text.utf8.allSatisfy(Self.isBase64URL) else { return nil }
        self.text = text
    }

    /// What is stored: SHA-256 of `text`, 64 lower-case hexadecimal digits.
    public var digest: String { Self.digest(of: text) }

    /// SHA-256 of a text, 64 lower-case hexadecimal digits.
    static func digest(of text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).hexadecimal
    }

    /// Never the secret, so that it cannot reach a log by accident.
    public var description: String { "SecretToken(…)" }

    static func randomText(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Data(random).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Whether a byte is one of `A–Z a–z 0–9 - _` (RFC 4648, section 5).
    public static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
