import Clinic
import Foundation

extension SQLTransaction {
    private static let keptForms = SQLTable<KeptForm>("kept_forms", "id user_id sealed created_at") { row in
        try KeptForm(id: row["id"], userID: row["user_id"], sealed: row["sealed"], createdAt: row["created_at"])
    }

    func insert(_ form: KeptForm) throws {
        try connection.execute(
            "INSERT INTO kept_forms (\(Self.keptForms.list)) VALUES (?, ?, ?, ?)", form.id, form.userID, form.sealed,
            form.createdAt)
    }

    func keptForm(_ id: KeptFormID) throws -> KeptForm? {
        try connection.one(Self.keptForms, "WHERE id = ?", id)
    }

    func deleteKeptForms(before: Date) throws {
        try connection.execute("DELETE FROM kept_forms WHERE created_at < ?", before)
    }

    func deleteKeptForms(of user: UserID, butNewest count: Int) throws {
        let forms = try connection.all(Self.keptForms, "WHERE user_id = ? ORDER BY created_at DESC, id DESC", user)
        for form in forms.dropFirst(count) {
            try connection.execute("DELETE FROM kept_forms WHERE id = ?", form.id)
        }
    }
}
