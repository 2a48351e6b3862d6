import Clinic

extension SQLTransaction {
    func setting(_ name: String) throws -> String? {
        try connection.first("SELECT value FROM settings WHERE name = ?", name).map { try $0["value"] }
    }

    func set(_ name: String, to value: String) throws {
        try connection.execute("REPLACE INTO settings (name, value) VALUES (?, ?)", name, value)
    }
}
