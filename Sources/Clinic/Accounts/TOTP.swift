import Crypto
import Foundation

/// Time-based one-time passwords (RFC 6238): HMAC-SHA-1, 30 seconds, six digits, which every authenticator knows.
public struct TOTP: Sendable, Equatable {
    /// 20 bytes (RFC 4226, section 4, requirement 6).
    private let secret: [UInt8]

    /// Seconds that a code is valid.
    static let period = 30.0

    /// A new secret.
    public init() {
        var generator = SystemRandomNumberGenerator()
        secret = (0..<20).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// - Parameter base32: 32 characters (RFC 4648, section 6); nil for anything else.
    public init?(base32: String) {
        guard let bytes = Base32.decode(base32), bytes.count == 20 else { return nil }
        secret = bytes
    }

    /// What people type into an authenticator: 32 characters.
    public var base32: String { Base32.encode(secret) }

    /// What authenticators open (Key Uri Format of Google Authenticator).
    public func uri(account: String, issuer: String) -> String {
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~@"))
        let encode = { (text: String) in text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "" }
        return "otpauth://totp/\(encode(issuer)):\(encode(account))?secret=\(base32)&issuer=\(encode(issuer))"
    }

    /// The code at a time.
    public func code(at date: Date) -> String { code(counter: Self.counter(at: date)) }

    /// The step for which a code is right: the present one, or one before or after (RFC 6238, 5.2); nil when none is.
    func counter(of code: String, at date: Date) -> Int64? {
        let now = Self.counter(at: date)
        return [now, now - 1, now + 1].first { self.code(counter: $0) == code }
    }

    private static func counter(at date: Date) -> Int64 { Int64((date.timeIntervalSince1970 / period).rounded(.down)) }

    /// RFC 4226, section 5.3.
    private func code(counter: Int64) -> String {
        let message = withUnsafeBytes(of: UInt64(bitPattern: counter).bigEndian) { Data($0) }
        let hash = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(hash[hash.count - 1] & 15)
        let number = hash[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}

/// RFC 4648, section 6, without padding.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    static func encode(_ bytes: [UInt8]) -> String {
        var text = ""
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> bits & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
        return text
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.uppercased() {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << 5 | UInt32(value)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 255))
            }
        }
        return bytes
    }
}
