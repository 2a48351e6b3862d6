import Casework
import Clinic
import Foundation
import Mail
import Screening

/// What the pages and the API stand on; made by the program, and by tests with a database in a temporary directory.
public struct SiteServices: Sendable {
    /// Accounts, cases, screenings, audit.
    public var database: any ClinicDatabase
    /// Stored images and the pictures made of them.
    public var archive: any ImageArchive
    /// Keeps the model that answers uploads, and switches to the one that is activated.
    public var models: ModelSwitch
    /// The model that answers the drawn examples; without it the pages show none.
    public var demonstration: Screener?
    /// The rules of accounts.
    public var accounts: Accounts
    /// Takes images into cases; its `onQueued` wakes the worker.
    public var intake: ImageIntake
    /// Tells pages that a case changed.
    public var changes: CaseChanges
    /// Sends letters; nil where no mail server is configured.
    public var mail: (any MailSender)?
    /// A key of 32 bytes for a purpose, always the same on one installation.
    public var key: @Sendable (String) -> [UInt8]
    /// Walks the whole audit log and tells whether it is as it was written.
    public var proveAudit: @Sendable () async throws -> AuditProof
    /// The time.
    public var clock: @Sendable () -> Date

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, models: ModelSwitch, demonstration: Screener?,
        accounts: Accounts, intake: ImageIntake, changes: CaseChanges, mail: (any MailSender)? = nil,
        key: @escaping @Sendable (String) -> [UInt8],
        proveAudit: @escaping @Sendable () async throws -> AuditProof,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.database = database
        self.archive = archive
        self.models = models
        self.demonstration = demonstration
        self.accounts = accounts
        self.intake = intake
        self.changes = changes
        self.mail = mail
        self.key = key
        self.proveAudit = proveAudit
        self.clock = clock
    }
}
