import Clinic
import Foundation

extension SQLTransaction {
    private static let models = SQLTable<InstalledModel>(
        "installed_models", "id name version checksum metrics_json installed_at installed_by"
    ) { row in
        try InstalledModel(
            id: row["id"], name: row["name"], version: row["version"], checksum: row["checksum"],
            metricsJSON: row["metrics_json"], installedAt: row["installed_at"], installedBy: row["installed_by"])
    }
    private static let activations = SQLTable<ModelActivation>(
        "model_activations", "sequence model_id at user_id reason"
    ) { row in
        try ModelActivation(
            sequence: row["sequence"], modelID: row["model_id"], at: row["at"], by: row["user_id"],
            reason: row["reason"])
    }
    /// How often an activation is numbered anew when others come in between.
    private static let attempts = 20

    func insert(_ model: InstalledModel) throws {
        try refusingDuplicates(of: "checksum", "errors.models.installed") {
            try connection.execute(
                "INSERT INTO installed_models (\(Self.models.list)) VALUES (?, ?, ?, ?, ?, ?, ?)", model.id.text,
                model.name, model.version, model.checksum, model.metricsJSON, model.installedAt,
                model.installedBy?.text)
        }
    }

    func installedModel(_ id: InstalledModelID) throws -> InstalledModel? {
        try connection.one(Self.models, "WHERE id = ?", id.text)
    }

    func installedModels() throws -> [InstalledModel] {
        try connection.all(Self.models, "ORDER BY installed_at DESC, id DESC")
    }

    func deleteInstalledModel(_ id: InstalledModelID) throws {
        try connection.holdAgainstPeers("model \(id.text)")
        try connection.execute("DELETE FROM installed_models WHERE id = ?", id.text)
    }

    func activate(_ model: InstalledModelID?, by user: UserID?, reason: String, at: Date) throws -> ModelActivation {
        if let model {
            // Held, so that nobody removes it before the commit.
            try connection.holdAgainstPeers("model \(model.text)")
            let found = try connection.first(
                "SELECT id FROM installed_models WHERE id = ?" + connection.dialect.forUpdate, model.text)
            guard found != nil else { throw ClinicError(.notFound, "errors.models.notInstalled") }
        }
        for _ in 0..<Self.attempts {
            let sequence = Int64(try connection.number("SELECT COALESCE(MAX(sequence), 0) FROM model_activations")) + 1
            do {
                try connection.execute(
                    "INSERT INTO model_activations (\(Self.activations.list)) VALUES (?, ?, ?, ?, ?)", sequence,
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
        try connection.all(Self.activations, "ORDER BY sequence DESC LIMIT ?", limit)
    }
}
