/// Who may see or change a case. Those who may not are told that there is none (OWASP ASVS 5.0, 8.2.2).
///
/// The pages of a case are its owner's: what a patient shares of it are its images, see `ScreeningAccess`, and, of a case that is
/// shared whole, its report (`Cases.contentsOfReport`).
public enum CaseAccess {
    /// The case, for its owner or an administrator.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public static func readable(_ id: CaseID, by user: User, in transaction: any CaseRows) throws -> SmearCase {
        guard let smearCase = try transaction.smearCase(id),
            smearCase.ownerID == user.id || user.role == .administrator
        else { throw missing }
        return smearCase
    }

    /// The case, for its owner alone.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public static func owned(_ id: CaseID, by user: User, in transaction: any CaseRows) throws -> SmearCase {
        guard let smearCase = try transaction.smearCase(id), smearCase.ownerID == user.id else { throw missing }
        return smearCase
    }

    static var missing: ClinicError { ClinicError(.notFound, "errors.nothingHere") }
}
