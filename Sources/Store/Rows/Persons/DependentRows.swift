import Clinic
import Foundation

extension SQLTransaction {
    static let dependents = SQLTable<Dependent>(
        "dependents",
        "id guardian_id name birth_year birth_month age_years age_told_at sex created_at updated_at"
    ) { row in
        try Dependent(
            id: row["id"], guardianID: row["guardian_id"],
            facts: Dependent.Facts(
                name: row["name"], birthYear: row["birth_year"], birthMonth: row["birth_month"],
                ageYears: row["age_years"], sex: row["sex"]),
            ageToldAt: row["age_told_at"], createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    func insert(_ dependent: Dependent) throws {
        let facts = dependent.facts
        try connection.execute(
            "INSERT INTO dependents (\(Self.dependents.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", dependent.id,
            dependent.guardianID, facts.name, facts.birthYear, facts.birthMonth, facts.ageYears, dependent.ageToldAt,
            facts.sex, dependent.createdAt, dependent.updatedAt)
    }

    func update(_ dependent: Dependent) throws {
        let facts = dependent.facts
        try connection.execute(
            """
            UPDATE dependents SET name = ?, birth_year = ?, birth_month = ?, age_years = ?, age_told_at = ?, sex = ?, \
            updated_at = ? WHERE id = ?
            """, facts.name, facts.birthYear, facts.birthMonth, facts.ageYears, dependent.ageToldAt, facts.sex,
            dependent.updatedAt, dependent.id)
    }

    func deleteDependent(_ id: DependentID) throws {
        // A case that a restored backup still calls theirs stays, as one of the account.
        try connection.execute("UPDATE cases SET dependent_id = NULL WHERE dependent_id = ?", id)
        try connection.execute("DELETE FROM dependents WHERE id = ?", id)
    }

    func dependent(_ id: DependentID) throws -> Dependent? {
        try connection.one(Self.dependents, "WHERE id = ?", id)
    }

    func dependents(of guardian: UserID) throws -> [Dependent] {
        try connection.all(Self.dependents, "WHERE guardian_id = ? ORDER BY created_at, id", guardian)
    }
}
