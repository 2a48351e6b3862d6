import ArgumentParser
import Clinic

/// How long things are kept; without any of them, for ever.
struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Days without use after which a case goes with its images and answers, at least "
                + "\(RetentionPolicy.leastCaseDays). Its owner is told by letter \(RetentionPolicy.noticeDays) days before.",
            valueName: "days"))
    var keepCases: Int?

    @Option(
        help: ArgumentHelp(
            "Days without use after which an account goes with everything in it, at least "
                + "\(RetentionPolicy.leastAccountDays), told as above; those of administrators stay.",
            valueName: "days"))
    var keepAccounts: Int?

    @Option(
        help: ArgumentHelp(
            "Days after which an entry of the audit log goes, at least \(RetentionPolicy.leastAuditDays).",
            valueName: "days"))
    var keepAudit: Int?

    /// - Parameter hasMail: Whether letters leave the server.
    /// - Throws: `ExitCode` after the reason went to standard error, where a period is too short or people could not be told.
    func policy(hasMail: Bool) throws -> RetentionPolicy {
        let policy: RetentionPolicy
        do {
            policy = try RetentionPolicy(caseDays: keepCases, accountDays: keepAccounts, auditDays: keepAudit)
        } catch {
            throw ProgramExit.stop(ProgramExit.words(error), .validationFailure)
        }
        guard !policy.announces || hasMail else {
            throw ProgramExit.stop(
                "--keep-cases and --keep-accounts tell people by letter before anything goes: name a mail server with --smtp.",
                .validationFailure)
        }
        return policy
    }
}
