import Clinic
import Foundation

extension SQLTransaction {
    private static let sharedCases = SQLTable<SharedCase>(
        "shared_cases", "case_id user_id shared_at includes_new told allows_training"
    ) { row in
        let told: String = try row["told"]
        return try SharedCase(
            caseID: row["case_id"], userID: row["user_id"], sharedAt: row["shared_at"],
            includesNew: row["includes_new"],
            told: Set(told.split(separator: " ").compactMap { SharedCase.Detail(rawValue: String($0)) }),
            allowsTraining: row["allows_training"])
    }

    func share(_ shared: SharedCase, of patient: UserID) throws {
        try connection.execute(
            "REPLACE INTO shared_cases (\(Self.sharedCases.list), patient_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            shared.caseID.text, shared.userID.text, shared.sharedAt, shared.includesNew,
            shared.told.map(\.rawValue).sorted().joined(separator: " "), shared.allowsTraining, patient.text)
    }

    func sharedCase(_ smearCase: CaseID, with user: UserID) throws -> SharedCase? {
        try connection.one(Self.sharedCases, "WHERE case_id = ? AND user_id = ?", smearCase.text, user.text)
    }

    func sharedCases(of smearCase: CaseID) throws -> [SharedCase] {
        try connection.all(Self.sharedCases, "WHERE case_id = ? ORDER BY shared_at, user_id", smearCase.text)
    }

    func sharedCases(by patient: UserID, limit: Int) throws -> [SharedCase] {
        try connection.all(
            Self.sharedCases, "WHERE patient_id = ? ORDER BY shared_at DESC, case_id DESC, user_id LIMIT ?",
            patient.text, limit)
    }

    func unshareCase(_ smearCase: CaseID, with user: UserID) throws -> Bool {
        try connection.execute(
            "DELETE FROM shared_cases WHERE case_id = ? AND user_id = ?", smearCase.text, user.text) == 1
    }

    func unshareImages(of smearCase: CaseID, with user: UserID) throws -> [ScreeningID] {
        try shares(ofCase: smearCase).filter { $0.userID == user }.map(\.screeningID)
            .filter { try unshare($0, with: user) }
    }

    func countShares(of patient: UserID, with user: UserID) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM screening_shares WHERE patient_id = ? AND user_id = ?", patient.text, user.text)
    }
}
