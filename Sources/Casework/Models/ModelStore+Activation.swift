import Clinic
import Foundation

extension ModelStore {
    /// Longest reason of an activation, in characters.
    public static let maximumReason = 300

    /// Writes down that a model takes over; every node follows.
    ///
    /// - Parameters:
    ///   - id: The model; nil for the shipped one.
    ///   - actor: Who decides it.
    ///   - reason: Why.
    /// - Throws: `ClinicError.notFound`; `.invalid` with field `model` when it is active, or field `reason`.
    func noteActivation(
        of id: InstalledModelID?, by actor: AuditEntry.Actor, reason: String
    ) async throws -> ModelActivation {
        let reason = reason.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...Self.maximumReason).contains(reason.count) else {
            throw ClinicError(.invalid, "errors.models.reason", ["maximum": Self.maximumReason], field: "reason")
        }
        let now = clock()
        return try await database.write { transaction in
            // First, because it keeps every other change of this kind out until the end of the transaction.
            try transaction.append(
                AuditEntry(
                    .model(.activate), by: actor, object: id?.text ?? "", detail: id == nil ? "shipped" : "", at: now))
            if let id, try transaction.installedModel(id) == nil { throw ClinicError(.notFound, "errors.models.none") }
            let active = try transaction.activeModel()
            guard active?.modelID != id else {
                throw ClinicError(.invalid, "errors.models.activeAlready", field: "model")
            }
            return try transaction.activate(id, by: actor.userID, reason: reason, at: now)
        }
    }

    /// A model's figures beside those of the active one, for whoever is about to activate it.
    ///
    /// - Throws: As `package(of:)`.
    public func comparison(activating id: InstalledModelID?) async throws -> ModelComparison {
        let package = try await package(of: id)
        let candidate = try await blocking { try Self.figures(of: package) }
        return ModelComparison(candidate: candidate, active: try await activeFigures())
    }

    /// Makes a model active after it was compiled here; for the command line, whose process screens nothing.
    ///
    /// - Throws: As `noteActivation`, and what `screener(of:)` throws.
    public func activate(
        _ id: InstalledModelID?, by actor: AuditEntry.Actor, reason: String
    ) async throws -> ModelActivation {
        _ = try await screener(of: id)
        return try await noteActivation(of: id, by: actor, reason: reason)
    }

    /// Removes a model that is not active.
    ///
    /// - Throws: `ClinicError.notFound`; `.invalid` with field `model` when it is active.
    public func remove(_ id: InstalledModelID, by actor: AuditEntry.Actor) async throws {
        let now = clock()
        try await database.write { transaction in
            try transaction.append(AuditEntry(.model(.remove), by: actor, object: id.text, at: now))
            guard try transaction.installedModel(id) != nil else { throw ClinicError(.notFound, "errors.models.none") }
            guard try transaction.activeModel()?.modelID != id else {
                throw ClinicError(.invalid, "errors.models.active", field: "model")
            }
            try transaction.deleteInstalledModel(id)
            try transaction.forgetObjects([ArchiveKey.model(id)])
        }
        try await archive.remove(ArchiveKey.model(id))
        let place = directory.appending(path: id.text)
        try await blocking {
            guard FileManager.default.fileExists(atPath: place.path) else { return }
            try FileManager.default.removeItem(at: place)
        }
    }
}
