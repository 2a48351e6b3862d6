import Crypto
import Formats
import Foundation

/// SHA-256 of a file, read in pieces so that a large file costs no memory.
enum FileChecksum {
    private static let pieceBytes = 1 << 20

    /// 64 lower-case hexadecimal digits.
    /// - Throws: `PackagingError` with `.missingFile` or `.inputOutput`.
    static func sha256(of url: URL) throws -> String {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw PackagingError(.missingFile, "the model package lacks \(url.lastPathComponent)", path: url.path)
        }
        do {
            // FileHandle closes when it is released.
            let file = try FileHandle(forReadingFrom: url)
            var hash = SHA256()
            while let piece = try file.read(upToCount: pieceBytes), !piece.isEmpty { hash.update(data: piece) }
            return hash.finalize().hexadecimal
        } catch {
            throw PackagingError(.inputOutput, "cannot be read", path: url.path, underlying: error)
        }
    }
}
