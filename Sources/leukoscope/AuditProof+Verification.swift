import Clinic
import Store

extension AuditProof {
    /// What the walk along the log found.
    init(_ verification: AuditVerification) {
        self.init(
            entries: verification.entries, brokenAt: verification.firstBreak?.sequence,
            reason: verification.firstBreak?.reason ?? "")
    }
}
