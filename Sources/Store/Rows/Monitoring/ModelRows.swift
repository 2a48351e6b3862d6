import Clinic
import Foundation

extension SQLTransaction {
    private static let columns = "id, name, version, checksum, metrics_json, installed_at, installed_by"
    private static let activationColumns = "sequence, model_id, at, user_id, reason"
    /// How often an activation is numbered anew when others come in between.
    private static let attempts = 20

    func insert(_ model: InstalledModel) throws {
        try refusingDuplicates(of: "checksum", "errors.models.installed") {
            try connection.execute(
                "INSERT INTO installed_models (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)", model.id.text,
                model.name, model.version, model.checksum, model.metricsJSON, model.installedAt,
                model.installedBy?.text)
        }
    }

    func installedModel(_ id: InstalledModelID) throws -> InstalledModel? {
        try connection.first("SELECT \(Self.columns) FROM installed_models WHERE id = ?", id.text).map(Self.model)
    }

    func installedModels() throws -> [InstalledModel] {
        try connection.query("SELECT \(Self.columns) FROM installed_models ORDER BY installed_at DESC, id DESC")
            .map(Self.model)
    }

    func deleteInstalledModel(_ id: InstalledModelID) throws {
        try connection.execute("DELETE FROM installed_models WHERE id = ?", id.text)
    }

    func activate(_ model: InstalledModelID?, by user: UserID?, reason: String, at: Date) throws -> ModelActivation {
        if let model {
            // Held, so that nobody removes it before the commit.
            let found = try connection.first(
                "SELECT id FROM installed_models WHERE id = ?" + connection.dialect.forUpdate, model.text)
            guard found != nil else { throw ClinicError(.notFound, "errors.models.notInstalled") }
        }
        for _ in 0..<Self.attempts {
            let sequence = Int64(try connection.number("SELECT COALESCE(MAX(sequence), 0) FROM model_activations")) + 1
            do {
                try connection.execute(
                    "INSERT INTO model_activations (\(Self.activationColumns)) VALUES (?, ?, ?, ?, ?)", sequence,
                    model?.text, at, user?.text, reason)
                return ModelActivation(sequence: sequence, modelID: model, at: at, by: user, reason: reason)
            } catch let error as ClinicError where error.code == .duplicate {
                continue  // somebody else took this number and has committed
            }
        }
        throw ClinicError(.busy, "errors.models.busy")
    }

    func activeModel() throws -> ModelActivation? { try modelActivations(limit: 1).first }

    func modelActivations(limit: Int) throws -> [ModelActivation] {
        try connection.query(
            "SELECT \(Self.activationColumns) FROM model_activations ORDER BY sequence DESC LIMIT ?", limit
        ).map { row in
            var row = row
            return ModelActivation(
                sequence: try row.int64(), modelID: try row.optionalIdentifier(), at: try row.date(),
                by: try row.optionalIdentifier(), reason: try row.text())
        }
    }

    private static func model(_ row: SQLRow) throws -> InstalledModel {
        var row = row
        return InstalledModel(
            id: try row.identifier(), name: try row.text(), version: try row.text(), checksum: try row.text(),
            metricsJSON: try row.text(), installedAt: try row.date(), installedBy: try row.optionalIdentifier())
    }
}
