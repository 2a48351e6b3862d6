/// Who may see a screening. Those who may not are told that there is none (OWASP ASVS 5.0, 8.2.2).
///
/// It is asked anew at every request, so that a share that is withdrawn ends at once.
public enum ScreeningAccess {
    /// The screening, for the owner of its case, an administrator, or a clinician with whom it is shared now.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public static func readable(
        _ id: ScreeningID, by user: User, in transaction: any CaseReadingRows
    ) throws -> ScreeningRecord {
        guard let screening = try transaction.screening(id) else { throw CaseAccess.missing }
        if user.role == .administrator { return screening }
        if try transaction.smearCase(screening.caseID)?.ownerID == user.id { return screening }
        return try shared(id, with: user, in: transaction)
    }

    /// The screening, for a clinician with whom it is shared now: nobody else reads it a second time.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public static func shared(
        _ id: ScreeningID, with user: User, in transaction: any CaseReadingRows
    ) throws -> ScreeningRecord {
        guard user.role == .clinician, try transaction.isShared(id, with: user.id),
            let screening = try transaction.screening(id)
        else { throw CaseAccess.missing }
        return screening
    }

    /// The screening, for the owner of its case alone.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public static func owned(
        _ id: ScreeningID, by user: UserID, in transaction: any CaseReadingRows
    ) throws -> ScreeningRecord {
        guard let screening = try transaction.screening(id),
            try transaction.smearCase(screening.caseID)?.ownerID == user
        else { throw CaseAccess.missing }
        return screening
    }
}
