/// Keeps files by key: stored images, and the pictures made of them. A directory, or another store with the same rules.
///
/// Keys are made by the server: parts of `A–Z a–z 0–9 - _ .` separated by `/`, no part beginning with a dot.
public protocol ImageArchive: Sendable {
    /// Stores a file whole or not at all; when this returns it outlives a crash of the machine.
    ///
    /// - Throws: `ClinicError.storage`.
    func store(_ bytes: [UInt8], at key: String) async throws
    /// - Throws: `ClinicError.notFound`, `.storage`; `.corrupt` where the store itself knows that it is not what was written.
    func bytes(at key: String) async throws -> [UInt8]
    /// Removes a file, or all files under a key that ends in `/`; what is not there is no error.
    func remove(_ key: String) async throws
    /// Keys under a prefix, for the sweep after a crash and for backups.
    func keys(under prefix: String) async throws -> [String]
}
