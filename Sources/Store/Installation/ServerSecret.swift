import Clinic
import Crypto
import Foundation

/// The one secret of an installation, from which every key is derived: 32 random bytes in `secret.key`.
///
/// Anyone holding it can forge the audit log and form tokens; without it the audit log can no longer be verified.
public struct ServerSecret: Sendable {
    /// Bytes of the secret.
    public static let byteCount = 32
    /// The name of its file in the data directory.
    public static let fileName = "secret.key"

    private let bytes: [UInt8]

    /// Reads the secret of a data directory, or makes one: whole or not at all, and of two processes at once both get
    /// the same.
    ///
    /// - Parameter dataDirectory: A directory that is there.
    /// - Throws: `ClinicError.storage`, `.corrupt` for a file of another length.
    public init(dataDirectory: URL) throws {
        let file = dataDirectory.appending(path: Self.fileName)
        if !FileManager.default.fileExists(atPath: file.path) { try Self.make(file) }
        try self.init(file: file)
    }

    /// Reads a secret that is there.
    ///
    /// - Throws: `ClinicError.storage`, `.corrupt`.
    public init(file: URL) throws {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
        guard data.count == Self.byteCount else {
            throw ClinicError(
                .corrupt,
                fault:
                    "\(file.path) has \(data.count) bytes, not \(Self.byteCount). Put it back from a backup; without it the audit log cannot be verified."
            )
        }
        bytes = [UInt8](data)
    }

    /// A key for one purpose (HKDF-SHA256, RFC 5869), 32 bytes; deterministic.
    public func key(for purpose: String) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes), salt: Data("leukoscope".utf8), info: Data(purpose.utf8),
            outputByteCount: 32)
        return key.withUnsafeBytes { [UInt8]($0) }
    }

    private static func make(_ file: URL) throws {
        let random = SymmetricKey(size: .bits256).withUnsafeBytes { [UInt8]($0) }
        // A link fails when the name is taken, where a rename would replace the other process's secret.
        try DurableFile.write(random, to: file, replacing: false)
    }
}
