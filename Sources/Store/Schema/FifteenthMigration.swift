import Clinic

extension Migration {
    /// The keys under which accounts have sent requests, with what each of them made.
    static let fifteenth = Migration(number: 15, tables: [requestKeys], statements: [])

    /// No reference to the case: the key outlives it, so that a late repetition does not bring it back.
    private static let requestKeys = TableDefinition(
        "request_keys", isClustered: true,
        [
            "user_id {id} NOT NULL", "key_text {exact} NOT NULL", "digest {digest} NOT NULL", "case_id {id} NOT NULL",
            "created_at {int} NOT NULL", "PRIMARY KEY (user_id, key_text)",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ])
}
