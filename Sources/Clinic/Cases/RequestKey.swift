import Crypto
import Formats
import Foundation

/// The sender's own name for a request that makes something, so that sending it again makes nothing more
/// (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header).
public struct RequestKey: Sendable, Equatable {
    /// 1 to 64 of `A–Z a–z 0–9 - _`; each account has its own.
    public let text: String
    /// SHA-256 of what is asked for, 64 hexadecimal digits: a key stands for one request.
    public let digest: String

    /// - Parameters:
    ///   - text: 1 to 64 of `A–Z a–z 0–9 - _`.
    ///   - request: What is asked for, part by part.
    /// - Throws: `ClinicError.invalid` with field `idempotencyKey`.
    public init(_ text: String, of request: [String]) throws {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(SecretToken.isBase64URL) else {
            throw ClinicError(.invalid, "errors.cases.key", field: "idempotencyKey")
        }
        self.text = text
        digest = Self.digest(of: request)
    }

    /// SHA-256 of parts, 64 hexadecimal digits; each part with its length, so that no two are written alike.
    static func digest(of parts: [String]) -> String {
        let written = parts.map { "\($0.utf8.count):\($0)" }.joined()
        return SHA256.hash(data: Data(written.utf8)).hexadecimal
    }
}

/// What a key of an account has made.
public struct UsedRequestKey: Sendable, Equatable {
    public let userID: UserID
    public let text: String
    public let digest: String
    /// Stays when the case is deleted: a late repetition does not bring it back.
    public let caseID: CaseID
    public let createdAt: Date

    public init(userID: UserID, text: String, digest: String, caseID: CaseID, createdAt: Date) {
        (self.userID, self.text, self.digest) = (userID, text, digest)
        (self.caseID, self.createdAt) = (caseID, createdAt)
    }
}

/// The keys of requests.
public protocol RequestKeyRows {
    /// - Throws: `ClinicError.duplicate` where the account used the key already.
    func insert(_ key: UsedRequestKey) throws
    func usedRequestKey(_ text: String, of user: UserID) throws -> UsedRequestKey?
}
