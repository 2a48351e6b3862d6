import Clinic
import Foundation

extension SQLTransaction {
    static let requestKeys = SQLTable<UsedRequestKey>(
        "request_keys", "user_id key_text digest case_id created_at"
    ) { row in
        try UsedRequestKey(
            userID: row["user_id"], text: row["key_text"], digest: row["digest"], caseID: row["case_id"],
            createdAt: row["created_at"])
    }

    func insert(_ key: UsedRequestKey) throws {
        try connection.execute(
            "INSERT INTO request_keys (\(Self.requestKeys.list)) VALUES (?, ?, ?, ?, ?)", key.userID.text, key.text,
            key.digest, key.caseID.text, key.createdAt)
    }

    func usedRequestKey(_ text: String, of user: UserID) throws -> UsedRequestKey? {
        try connection.one(Self.requestKeys, "WHERE user_id = ? AND key_text = ?", user.text, text)
    }
}
