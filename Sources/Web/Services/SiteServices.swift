import Casework
import Clinic
import Findings
import Foundation
import Mail
import Packaging
import RemoteInference
import Screening

/// What the pages and the API stand on; made by the program, and by tests with a database in a temporary directory.
public struct SiteServices: Sendable {
    /// Accounts, cases, screenings, audit.
    public var database: any ClinicDatabase
    /// Stored images and the pictures made of them; what it gives was checked.
    public var archive: any ImageArchive
    /// Keeps the model that answers uploads, and switches to the one that is activated.
    public var models: ModelSwitch
    /// What runs the networks of these models in place of this machine; nil where nothing does.
    public var inference: RemoteInference?
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
    /// Hands short messages to a gateway; nil where none is configured.
    public var messages: (any MessageGateway)?
    /// Where news of cases may be posted to.
    public var subscribers = Subscribers()
    /// Takes whole slides and shows them; nil where the server keeps none.
    public var wholeSlides: WholeSlides?
    /// A key of 32 bytes for a purpose, always the same on one installation.
    public var key: @Sendable (String) -> [UInt8]
    /// Walks the whole audit log and tells whether it is as it was written.
    public var proveAudit: @Sendable () async throws -> AuditProof
    /// Stored files that were asked for and are not what was written.
    public let faults: StoredObjectFaults
    /// Whether database and archive take writes.
    public var readiness: Readiness
    /// The notice that people are asked to agree to.
    public var notice = ConsentNotice.current
    /// The time.
    public var clock: @Sendable () -> Date
    /// What the limits on the pace of requests are measured with.
    public var pace: @Sendable () -> ContinuousClock.Instant = { .now }

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, models: ModelSwitch,
        inference: RemoteInference? = nil, demonstration: Screener?, accounts: Accounts, intake: ImageIntake,
        changes: CaseChanges, mail: (any MailSender)? = nil, messages: (any MessageGateway)? = nil,
        wholeSlides: WholeSlides? = nil, faults: StoredObjectFaults = .process,
        key: @escaping @Sendable (String) -> [UInt8],
        proveAudit: @escaping @Sendable () async throws -> AuditProof,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.models, self.demonstration) = (database, models, demonstration)
        self.inference = inference
        self.archive = CheckedArchive(archive, in: database, faults: faults)
        self.faults = faults
        (self.accounts, self.intake, self.changes, self.mail) = (accounts, intake, changes, mail)
        (self.messages, self.wholeSlides) = (messages, wholeSlides)
        (self.key, self.proveAudit, self.clock) = (key, proveAudit, clock)
        readiness = Readiness(database: database, archive: archive)
    }
}

extension SiteServices {
    /// The one gate of all pages before sensitive changes: `Accounts.confirm`, whose attempts count as those of the login.
    ///
    /// - Parameters:
    ///   - context: Who asks.
    ///   - given: By default from the fields of `FormField.reauthentication`.
    /// - Throws: `ClinicError.invalid` with field `password` or `code`, `WebError.rateLimited`.
    func confirm(
        _ context: WebContext, _ given: Reauthentication? = nil
    ) async throws -> Accounts.Confirmation {
        let user = try context.requiredPrincipal.user
        try await throttle.admit(user.email, from: context.remoteAddress)
        let given =
            given ?? Reauthentication(password: context.form["password"] ?? "", code: context.form["code"] ?? "")
        let confirmation = try await accounts.confirm(given, of: user.id)
        try await throttle.succeeded(user.email, from: context.remoteAddress)
        return confirmation
    }
}

/// What can be done, domain by domain. Pages and the API read a request, call one of these and write the answer; they see
/// no transaction.
extension SiteServices {
    /// Attempts at each account, by logging in and by whatever asks once more who somebody is.
    var throttle: LoginThrottle {
        LoginThrottle(attempts: LoginAttempts(database: database, key: key("login-attempts"), clock: clock))
    }

    var auditLog: AuditLog { AuditLog(database: database, clock: clock) }

    var backups: BackupRecord { BackupRecord(database: database) }

    var booking: Booking { Booking(database: database, clock: clock) }

    var care: Care { Care(database: database, notice: notice, clock: clock) }

    var cases: Cases {
        Cases(database: database, rule: models.shelf.active.package.verdict, notice: notice, clock: clock)
    }

    var consents: Consents { Consents(database: database, notice: notice, clock: clock) }

    var cells: CellReview { CellReview(database: database, clock: clock) }

    var directory: Directory { Directory(database: database, clock: clock) }

    var doctorFiles: DoctorFiles { DoctorFiles(database: database, archive: archive, clock: clock) }

    var notices: Notices { Notices(database: database, clock: clock) }

    var visitMessages: VisitMessages { VisitMessages(database: database, clock: clock) }

    /// Keeps what was typed over a login.
    var formKeeper: FormKeeper {
        FormKeeper(
            KeptForms(database: database, clock: clock), key: key("kept-forms"), accountKey: key("csrf"))
    }

    var privacy: PrivacyRegister { PrivacyRegister(database: database, clock: clock) }

    var monitoring: Monitoring { Monitoring(database: database, clock: clock) }

    var places: Places { Places(database: database) }

    var readings: SecondReading { SecondReading(database: database, clock: clock) }

    var recommendation: Recommendation { Recommendation(database: database) }

    var exchange: Exchange { Exchange(cases) }

    var subscriptions: Subscriptions {
        Subscriptions(database: database, check: { [subscribers] in try subscribers.check($0) }, clock: clock)
    }

    var removal: CaseRemoval { CaseRemoval(database: database, archive: archive, clock: clock) }

    var reportLinks: ReportLinks {
        ReportLinks(database: database, rule: models.shelf.active.package.verdict, clock: clock)
    }

    var reviews: Reviews { Reviews(database: database, clock: clock) }

    /// The model that answers now, as answers name it.
    var activeModel: ScreeningOutcome.Model {
        let description = models.shelf.active.package.description
        return .init(name: description.name, version: description.version)
    }

    var slides: CaseSlides {
        CaseSlides(
            database: database, rule: models.shelf.active.package.verdict,
            quota: wholeSlides?.quota ?? SlideQuota(), notice: notice, clock: clock)
    }

    var sites: Sites { Sites(database: database, clock: clock) }

    var sharing: Sharing { Sharing(database: database, clock: clock) }

    func directoryImport(_ settings: DirectoryImport.Settings, by actor: AuditEntry.Actor) -> DirectoryImport {
        DirectoryImport(database: database, settings: settings, by: actor, clock: clock)
    }

    func records(of user: User) -> AccountRecords { AccountRecords(of: user, in: database) }
}
