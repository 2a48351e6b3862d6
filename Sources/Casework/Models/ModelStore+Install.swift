import Clinic
import Crypto
import Formats
import Foundation
import Packaging
import Screening

extension ModelStore {
    /// What there is to say of a package that was accepted.
    public struct Installation: Sendable, Equatable {
        public let model: InstalledModel
        public let comparison: ModelComparison
    }

    /// Checks a package, tries it, compares it with the active model, and stores it. It does not become active.
    ///
    /// - Parameters:
    ///   - files: The package's files.
    ///   - actor: Who installs it.
    ///   - despiteMetrics: Why it is taken although it is worse or cannot be compared; goes into the audit log.
    /// - Throws: `ModelRefusal`; `ClinicError`.
    public func install(
        _ files: PackageFiles, by actor: AuditEntry.Actor, despiteMetrics: String? = nil
    ) async throws -> Installation {
        let staging = directory.appending(path: ".\(UUID().uuidString)")
        try Self.makeDirectory(directory)
        let outcome: Result<Installation, any Error>
        do {
            let package = try await staged(files, at: staging)
            try await refuseKnown(package)
            try await attempt(package)
            let comparison = try await compared(package, despite: despiteMetrics)
            let model = try await store(files, package, by: actor, despite: despiteMetrics, comparison)
            outcome = .success(Installation(model: model, comparison: comparison))
        } catch {
            outcome = .failure(error)
        }
        try await blocking {
            guard FileManager.default.fileExists(atPath: staging.path) else { return }
            try FileManager.default.removeItem(at: staging)
        }
        return try outcome.get()
    }

    /// The package, written into a directory of its own and verified there.
    private func staged(_ files: PackageFiles, at staging: URL) async throws -> ModelPackage {
        do {
            let package = try await blocking {
                try files.write(to: staging)
                return try ModelPackage(directory: staging)
            }
            guard !package.description.demonstration else {
                throw ModelRefusal(.demonstration, "errors.models.drawn")
            }
            return package
        } catch let error as PackagingError {
            // The directory's name says nothing to who sent the package.
            let message = "\(error)".replacing("\(staging.path)/", with: "").replacing(
                staging.path, with: "the package")
            throw ModelRefusal(.broken, "errors.models.broken", ["reason": message])
        }
    }

    /// Answers name the model's version, so that no two models may share one.
    private func refuseKnown(_ package: ModelPackage) async throws {
        let description = package.description
        let known = try await contents().models.map { ($0.name, $0.version) }
        let shippedName = (shipped.description.name, shipped.description.version)
        guard !(known + [shippedName]).contains(where: { $0 == (description.name, description.version) }) else {
            throw ModelRefusal(
                .alreadyInstalled, "errors.models.known",
                ["name": description.name, "version": description.version])
        }
    }

    private func attempt(_ package: ModelPackage) async throws {
        let screener: Screener
        do { screener = try await self.screener(package) } catch {
            throw ModelRefusal(.failedTrial, "errors.models.network", ["reason": "\(error)"])
        }
        try await ModelTrial.run(screener)
    }

    private func compared(_ package: ModelPackage, despite reason: String?) async throws -> ModelComparison {
        let candidate: PackageFigures?
        do { candidate = try await blocking { try Self.figures(of: package) } } catch let error as PackagingError {
            throw ModelRefusal(.broken, "errors.models.broken", ["reason": "metrics.json \(error.message)"])
        }
        let comparison = ModelComparison(candidate: candidate, active: try await activeFigures())
        guard comparison.isAcceptable || reason != nil else {
            throw ModelRefusal(comparison)
        }
        return comparison
    }

    /// Files first, then the row: what a crash leaves between them is swept away later.
    private func store(
        _ files: PackageFiles, _ package: ModelPackage, by actor: AuditEntry.Actor, despite reason: String?,
        _ comparison: ModelComparison
    ) async throws -> InstalledModel {
        let id = InstalledModelID()
        let model = InstalledModel(
            id: id, name: package.description.name, version: package.description.version,
            checksum: Self.checksum(files),
            metricsJSON: String(decoding: files.files[ModelPackage.FileName.metrics] ?? [], as: UTF8.self),
            installedAt: clock(), installedBy: actor.userID)
        do {
            for (name, bytes) in files.files { try await archive.store(bytes, at: ArchiveKey.model(id) + name) }
            var detail = "name=\(model.name) version=\(model.version) checksum=\(model.checksum.prefix(16))"
            if !comparison.isAcceptable, let reason { detail += " despite-metrics=\(reason.prefix(200))" }
            let objects = try await blocking { files.files.map { StoredObject($1, at: ArchiveKey.model(id) + $0) } }
            let entry = AuditEntry(.model(.install), by: actor, object: id.text, detail: detail, at: model.installedAt)
            try await database.write { transaction in
                try transaction.insert(model)
                try transaction.record(objects)
                try transaction.append(entry)
            }
        } catch {
            // With the database away it is not known whether the row is there: then the files are the sweeper's to judge.
            if (error as? ClinicError)?.code != .databaseUnavailable { try await archive.remove(ArchiveKey.model(id)) }
            if let error = error as? ClinicError, error.code == .duplicate {
                throw ModelRefusal(.alreadyInstalled, "errors.models.installed")
            }
            throw error
        }
        return model
    }

    /// SHA-256 of `model.json`, which states those of network and parameters: another calibration is another model.
    private static func checksum(_ files: PackageFiles) -> String {
        SHA256.hash(data: files.files[ModelPackage.FileName.description] ?? []).hexadecimal
    }
}

extension AuditEntry.Actor {
    /// The person who acts; nil for the command line.
    var userID: UserID? {
        switch self {
        case .user(let id), .token(_, owner: let id): id
        case .system, .anonymous: nil
        }
    }
}
