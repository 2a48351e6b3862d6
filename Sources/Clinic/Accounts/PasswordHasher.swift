import CArgon2
import Foundation
import Offloading

/// Argon2id (RFC 9106) through libargon2, never more than a few at once.
///
/// Parameters are those of the OWASP Password Storage Cheat Sheet: 19 MiB of memory, 2 passes, 1 lane. Two threads
/// bound the memory of all logins together to 38 MiB; who finds the line full is told to come back.
public final class PasswordHasher: Sendable {
    /// What a guess costs.
    public struct Cost: Sendable, Equatable {
        /// KiB.
        public var memory: UInt32
        public var passes: UInt32
        public var lanes: UInt32

        public init(memory: UInt32 = 19_456, passes: UInt32 = 2, lanes: UInt32 = 1) {
            (self.memory, self.passes, self.lanes) = (memory, passes, lanes)
        }
    }

    public let cost: Cost
    private let gate: Gate

    /// - Parameters:
    ///   - cost: What a guess costs.
    ///   - concurrency: Hashes at the same time; each takes `cost.memory`.
    ///   - maximumWaiting: Hashes that may wait for their turn or be at work.
    public init(cost: Cost = Cost(), concurrency: Int = 2, maximumWaiting: Int = 64) {
        self.cost = cost
        gate = Gate(capacity: concurrency, maximumWaiting: maximumWaiting - max(1, concurrency))
    }

    /// How a password belongs to a hash.
    public enum Match: Sendable, Equatable {
        case none
        /// It is the password, as it is hashed today.
        case password
        /// It is the password, and the hash is of letters that are not composed: older than the composing.
        case olderForm
    }

    /// A password as it is hashed: composed (Unicode NFC; RFC 8265, 4.2.1), for one keyboard sends “é” as one letter and another as
    /// two.
    static func composed(_ password: String) -> String { password.precomposedStringWithCanonicalMapping }

    /// Hashes a password, composed, with a new salt of 16 bytes.
    ///
    /// - Returns: A PHC string, `$argon2id$v=19$m=19456,t=2,p=1$…$…`.
    /// - Throws: `ClinicError.busy` when too many wait, `.storage` when the library fails (no memory).
    public func hash(_ password: String) async throws -> String {
        let cost = cost
        return try await onThread { try Self.encode(Self.composed(password), cost: cost) }
    }

    /// Whether a password belongs to a hash.
    ///
    /// - Throws: `ClinicError.busy` when too many wait.
    public func verify(_ password: String, against hash: String?) async throws -> Bool {
        try await match(password, against: hash) != .none
    }

    /// How a password belongs to a hash: composed, or as typed, or taken apart, as older hashes may have it. A password of ASCII
    /// letters has one form alone.
    ///
    /// - Parameters:
    ///   - password: What somebody typed.
    ///   - hash: A PHC string; nil for nobody's, which takes the same time and is never right.
    /// - Throws: `ClinicError.busy` when too many wait.
    public func match(_ password: String, against hash: String?) async throws -> Match {
        let cost = cost
        return try await onThread {
            let composed = Array(Self.composed(password).utf8)
            var forms = [composed]
            for form in [Array(password.utf8), Array(password.decomposedStringWithCanonicalMapping.utf8)]
            where !forms.contains(form) { forms.append(form) }
            guard let hash else {
                for form in forms { _ = try Self.encode(String(decoding: form, as: UTF8.self), cost: cost) }
                return .none
            }
            let right = forms.first { argon2id_verify(hash, $0, $0.count) == ARGON2_OK.rawValue }
            return right.map { $0 == composed ? .password : .olderForm } ?? .none
        }
    }

    /// Whether a hash was made with other parameters than these, so that it should be made anew at the next login.
    public func isOutdated(_ hash: String) -> Bool {
        !hash.hasPrefix("$argon2id$v=19$m=\(cost.memory),t=\(cost.passes),p=\(cost.lanes)$")
    }

    private static func encode(_ password: String, cost: Cost) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let bytes = Array(password.utf8)
        let length = argon2_encodedlen(
            cost.passes, cost.memory, cost.lanes, UInt32(salt.count), 32, Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let status = argon2id_hash_encoded(
            cost.passes, cost.memory, cost.lanes, bytes, bytes.count, salt, salt.count, 32, &encoded, encoded.count)
        guard status == ARGON2_OK.rawValue else {
            throw ClinicError(.storage, fault: "The password could not be hashed (Argon2 status \(status)).")
        }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        do { return try await gate.run { try await Offloading.process.compute(work) } } catch is Gate.Full {
            throw ClinicError(.busy, "errors.accounts.busy")
        }
    }
}
