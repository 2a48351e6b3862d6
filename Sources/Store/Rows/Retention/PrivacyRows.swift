import Clinic
import Foundation

extension SQLTransaction {
    static let privacyRecords = SQLTable<PrivacyRecord>(
        "privacy_records", "id kind known_at note recorded_at settled_at settlement"
    ) { row in
        try PrivacyRecord(
            id: row["id"], row["kind"], knownAt: row["known_at"], note: row["note"], recordedAt: row["recorded_at"],
            settledAt: row["settled_at"], settlement: row["settlement"])
    }

    func insert(_ record: PrivacyRecord) throws {
        try connection.execute(
            "INSERT INTO privacy_records (\(Self.privacyRecords.list)) VALUES (?, ?, ?, ?, ?, ?, ?)", record.id,
            record.kind, record.knownAt, record.note, record.recordedAt, record.settledAt, record.settlement)
    }

    func privacyRecord(_ id: PrivacyRecordID) throws -> PrivacyRecord? {
        try connection.one(Self.privacyRecords, "WHERE id = ?", id)
    }

    func settle(_ record: PrivacyRecord) throws {
        try connection.execute(
            "UPDATE privacy_records SET settled_at = ?, settlement = ? WHERE id = ?", record.settledAt,
            record.settlement, record.id)
    }

    func privacyRecords(onlyOpen: Bool) throws -> [PrivacyRecord] {
        try connection.all(
            Self.privacyRecords, "\(onlyOpen ? "WHERE settled_at IS NULL " : "")ORDER BY known_at, id")
    }
}

extension PrivacyRecord.Kind: SQLConvertible {}
