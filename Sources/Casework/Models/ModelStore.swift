import Clinic
import Foundation
import Inference
import Offloading
import Packaging
import Screening

/// The model packages of a site: rows in the database, files in the archive, and unpacked copies on this node.
///
/// Database and archive are what all nodes share; the copies under `directory` are made from them when they are wanted and
/// may be deleted at any time.
public struct ModelStore: Sendable {
    let database: any ClinicDatabase
    let archive: any ImageArchive
    /// The package that came with the program; it can always be gone back to.
    public let shipped: ModelPackage
    let directory: URL
    let clock: @Sendable () -> Date
    private let front: (any EngineFront)?
    /// Reading, checking and compiling block; one package at a time bounds their memory.
    private let turns = Gate(capacity: 1)

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - archive: Holds the files.
    ///   - shipped: The package that came with the program.
    ///   - directory: Where packages are unpacked on this node, such as `DATA/models`.
    ///   - front: What runs the networks of models in use in place of this machine, where it can; trials run here.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, archive: any ImageArchive, shipped: ModelPackage, directory: URL,
        front: (any EngineFront)? = nil, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.shipped) = (database, shipped)
        self.archive = CheckedArchive(archive, in: database)
        (self.directory, self.front, self.clock) = (directory, front, clock)
    }

    /// The installed models, newest first, and the newest activation.
    public func contents() async throws -> (models: [InstalledModel], active: ModelActivation?) {
        try await database.read { (try $0.installedModels(), try $0.activeModel()) }
    }

    /// The installed models, the last activations, newest first, and the names of those who made them.
    public struct History: Sendable {
        public let models: [InstalledModel]
        public let activations: [ModelActivation]
        public let active: ModelActivation?
        public let names: [UserID: String]
        /// `metrics.json` of the shipped model; nil where its package has none.
        public let shippedMetrics: Data?
    }

    public func history(limit: Int) async throws -> History {
        // A package without figures has none to show, and is a model all the same.
        let metrics = try await Offloading.process.wait { [shipped] () throws -> Data? in
            do { return try Data(contentsOf: shipped.metricsURL) } catch let error as CocoaError {
                if error.code == .fileReadNoSuchFile { return nil }
                throw ClinicError(
                    .storage, fault: "\(shipped.metricsURL.path) cannot be read: \(error.localizedDescription)")
            }
        }
        return try await database.read { transaction in
            let activations = try transaction.modelActivations(limit: limit)
            let names = try Set(activations.compactMap(\.by)).reduce(into: [UserID: String]()) { names, id in
                names[id] = try transaction.user(id)?.name
            }
            return History(
                models: try transaction.installedModels(), activations: activations,
                active: try transaction.activeModel(), names: names, shippedMetrics: metrics)
        }
    }

    /// The package of an installed model, unpacked and verified on this node; the shipped one for nil.
    ///
    /// - Throws: `ClinicError.notFound`, `.storage`; `PackagingError` when what was stored is no longer what it was.
    public func package(of id: InstalledModelID?) async throws -> ModelPackage {
        guard let id else { return shipped }
        let place = directory.appending(path: id.text)
        if FileManager.default.fileExists(atPath: place.path) {
            do { return try await blocking { try ModelPackage(directory: place) } } catch is PackagingError {
                // A copy that is damaged is made anew.
            }
        }
        let prefix = ArchiveKey.model(id)
        var files: [String: [UInt8]] = [:]
        for key in try await archive.keys(under: prefix) {
            files[String(key.dropFirst(prefix.count))] = try await archive.bytes(at: key)
        }
        guard !files.isEmpty else { throw ClinicError(.notFound, "errors.models.noFiles") }
        let unpacked = try PackageFiles(files: files)
        return try await blocking { try unpack(unpacked, as: id.text) }
    }

    /// A model, compiled and ready to answer.
    ///
    /// - Throws: As `package(of:)`, and `InferenceError`.
    public func screener(of id: InstalledModelID?) async throws -> Screener {
        let package = try await package(of: id)
        return try await blocking { [front] in try Screener(package: package, front: front) }
    }

    /// Compiles a package that is not installed.
    func screener(_ package: ModelPackage) async throws -> Screener {
        try await blocking { try Screener(package: package) }
    }

    func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await turns.run { try await Offloading.process.wait(work) }
    }

    /// Writes the files beside their place, verifies them there, and renames, so that a copy is whole or not there. One that another
    /// process has put there meanwhile stays, since that reads it; what is damaged there goes away.
    private func unpack(_ files: PackageFiles, as name: String) throws -> ModelPackage {
        let place = directory.appending(path: name)
        try Self.makeDirectory(directory)
        let (temporary, damaged) = (
            directory.appending(path: ".\(UUID().uuidString)"), directory.appending(path: ".\(UUID().uuidString)")
        )
        defer {
            // Meant: a leftover that cannot be removed only takes room.
            for left in [temporary, damaged] where FileManager.default.fileExists(atPath: left.path) {
                try? FileManager.default.removeItem(at: left)
            }
        }
        try files.write(to: temporary)
        _ = try ModelPackage(directory: temporary)
        // rename(2) puts a directory over no other that holds something, and takes one away as a whole.
        if rename(temporary.path, place.path) != 0 {
            do { return try ModelPackage(directory: place) } catch is PackagingError {
                _ = rename(place.path, damaged.path)
            }
            let problem = rename(temporary.path, place.path) == 0 ? 0 : errno
            guard problem == 0 || FileManager.default.fileExists(atPath: place.path) else {
                throw ClinicError(
                    .storage, fault: "\(place.path) cannot be made: \(String(cString: strerror(problem)))")
            }
        }
        return try ModelPackage(directory: place)
    }

    static func makeDirectory(_ directory: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ClinicError(.storage, fault: "\(directory.path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// What the active package says of its quality; nil where it says nothing.
    func activeFigures() async throws -> PackageFigures? {
        let package = try await package(of: try await database.read { try $0.activeModel()?.modelID })
        return try await blocking { try Self.figures(of: package) }
    }

    static func figures(of package: ModelPackage) throws -> PackageFigures? {
        guard FileManager.default.fileExists(atPath: package.metricsURL.path) else { return nil }
        let json: Data
        do { json = try Data(contentsOf: package.metricsURL) } catch {
            throw PackagingError(.inputOutput, "cannot be read", path: package.metricsURL.path, underlying: error)
        }
        return try PackageFigures(json: json, description: package.description)
    }
}
