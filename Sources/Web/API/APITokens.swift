import Crypto
import Foundation
import HTTPTypes

/// The bearer tokens that may call the API (RFC 6750), known by their SHA-256 digests only.
public struct APITokens: Sendable {
    private let digests: [[UInt8]]

    /// Reads digests, one a line in hexadecimal; empty lines and lines that start with `#` are skipped.
    ///
    /// - Parameter text: The content of a token file.
    /// - Throws: `WebError.configuration` for a line that is no SHA-256 digest, or when there is none.
    public init(parsing text: String) throws {
        var digests: [[UInt8]] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let digest = Self.bytes(hexadecimal: line), digest.count == SHA256.byteCount else {
                throw WebError(.configuration, "Line \(index + 1) of the token file is not a SHA-256 digest in hex.")
            }
            digests.append(digest)
        }
        guard !digests.isEmpty else { throw WebError(.configuration, "The token file holds no digest.") }
        self.digests = digests
    }

    /// Whether a request's `Authorization` field carries a known token.
    ///
    /// - Parameter authorization: The field's value, such as `Bearer 9f86…`.
    public func admit(_ authorization: String?) -> Bool {
        guard let authorization, authorization.lowercased().hasPrefix("bearer ") else { return false }
        let token = authorization.dropFirst("bearer ".count).trimmingCharacters(in: .whitespaces)
        guard !token.isEmpty else { return false }
        let digest = Array(SHA256.hash(data: Data(token.utf8)))
        // Compare every byte of every digest, so that the time tells nothing.
        return digests.reduce(false) { found, known in
            zip(known, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0 || found
        }
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
