import Findings
import Foundation

/// The database, whatever drives it. Work is a closure over one transaction: all of it is stored, or nothing.
///
/// The closure runs on a thread of the driver, may block there, and may be run again when the database asks for that
/// (a deadlock, a connection lost before the commit): it must have no effect outside the transaction.
public protocol ClinicDatabase: Sendable {
    /// Reads, seeing one state of the database.
    ///
    /// - Throws: What `body` throws; `ClinicError.databaseUnavailable`.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value

    /// Reads and writes; committed when this returns, rolled back when `body` throws.
    ///
    /// - Throws: What `body` throws; `ClinicError.databaseUnavailable`.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value
}

/// Everything that can be done within a transaction.
public protocol ClinicTransaction: UserRows, CredentialRows, CaseRows, ScreeningRows, AuditRows, PlaceRows,
    PostcodeRows, DoctorRows, AppointmentRows, ReviewRows, ReadingRows, MonitoringRows, ModelRows
{}

/// Accounts.
public protocol UserRows {
    /// - Throws: `ClinicError.duplicate` with field `email`.
    func insert(_ user: User) throws
    func user(_ id: UserID) throws -> User?
    func user(email: String) throws -> User?
    /// - Throws: `ClinicError.duplicate` with field `email`, `.notFound`.
    func update(_ user: User) throws
    /// Deletes the account with its sessions, tokens, cases, images and screenings (the rows; the caller removes files).
    func deleteUser(_ id: UserID) throws
    /// Newest first; `search` is the beginning of e-mail or name.
    func users(search: String, role: Role?, limit: Int, offset: Int) throws -> [User]
    func countUsers(role: Role?) throws -> Int
}

/// Sessions, one-time links and API tokens.
public protocol CredentialRows {
    func insert(_ session: LoginSession) throws
    func session(digest: String) throws -> LoginSession?
    func touchSession(digest: String, at: Date) throws
    func deleteSession(digest: String) throws
    /// - Parameter except: The digest of a session that stays.
    func deleteSessions(of user: UserID, except: String?) throws
    func countSessions(of user: UserID) throws -> Int
    /// Deletes sessions past their absolute end or idle since before `idleSince`, and expired one-time tokens.
    func deleteExpiredCredentials(now: Date, idleSince: Date) throws

    func insert(_ token: OneTimeToken) throws
    /// Finds without using it up.
    func oneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken?
    /// Uses it up: of two callers at once, one gets it.
    func consumeOneTimeToken(digest: String, purpose: OneTimeToken.Purpose, now: Date) throws -> OneTimeToken?
    func deleteOneTimeTokens(purpose: OneTimeToken.Purpose, of user: UserID?) throws

    func insert(_ token: APIToken) throws
    func apiToken(digest: String) throws -> APIToken?
    func apiTokens(of user: UserID) throws -> [APIToken]
    func touchAPIToken(_ id: APITokenID, at: Date) throws
    /// - Returns: Whether there was such a token of this user that was not revoked.
    func revokeAPIToken(_ id: APITokenID, of user: UserID, at: Date) throws -> Bool
}

/// Cases and their images.
public protocol CaseRows {
    func insert(_ smearCase: SmearCase) throws
    func smearCase(_ id: CaseID) throws -> SmearCase?
    /// Stores title, note and `updatedAt`, and what the search finds.
    func update(_ smearCase: SmearCase) throws
    /// Deletes the case with its images, screenings and shares (the rows; the caller removes the files).
    func deleteCase(_ id: CaseID) throws
    /// Newest first.
    func cases(of owner: UserID, matching: CaseFilter, after: CaseCursor?, limit: Int) throws -> [CaseSummary]
    func countCases(of owner: UserID) throws -> Int
    func summary(of id: CaseID) throws -> CaseSummary?

    /// Stores an image with its screening, queued, in one go; the number is given here.
    ///
    /// - Returns: The image and screening as stored; when the case already has an image with this `uploadKey`, that one.
    func insert(_ image: CaseImage, screening: ScreeningRecord) throws -> (CaseImage, ScreeningRecord)
    func image(_ id: ImageID) throws -> CaseImage?
    func image(uploadKey: String, in smearCase: CaseID) throws -> CaseImage?
    /// In the order of their numbers.
    func images(of smearCase: CaseID) throws -> [CaseImage]
    /// Deletes an image and its screening.
    func deleteImage(_ id: ImageID) throws
    /// Every `archiveKey` of a person's images.
    func archiveKeys(of owner: UserID) throws -> [String]
    /// Whether an image has this key, for the sweep after a crash.
    func hasImage(archiveKey: String) throws -> Bool
    /// Images and bytes a person has stored, and images since a date, for quotas.
    func usage(of owner: UserID, since: Date) throws -> (images: Int, bytes: Int, imagesSince: Int)
}

/// Screenings, and the queue that they are.
public protocol ScreeningRows {
    func screening(_ id: ScreeningID) throws -> ScreeningRecord?
    func screening(of image: ImageID) throws -> ScreeningRecord?
    /// In the order of the images' numbers.
    func screenings(of smearCase: CaseID) throws -> [ScreeningRecord]
    /// Takes the oldest screening that is queued, or running with a lease that ran out, for a worker. Of two workers
    /// at once, one gets it.
    func claimScreening(worker: String, now: Date, leaseUntil: Date) throws -> ScreeningRecord?
    /// Gives a worker more time with a screening that it still has.
    ///
    /// - Returns: Whether it still has it.
    func renewLease(_ id: ScreeningID, worker: String, until: Date) throws -> Bool
    /// Stores the outcome if this worker still has the screening, and moves the case's `updatedAt`.
    ///
    /// - Returns: Whether it was stored; false when another worker took over.
    func complete(_ id: ScreeningID, worker: String, outcome: ScreeningOutcome, analyticsJSON: String, at: Date)
        throws -> Bool
    /// As `complete`, for a screening that gets no answer.
    func fail(_ id: ScreeningID, worker: String, failure: String, at: Date) throws -> Bool
    /// Puts everything that this worker has back into the queue, on a graceful stop.
    func releaseScreenings(worker: String) throws
    /// Screenings that are queued or running.
    func countPendingScreenings() throws -> Int
    func countPendingScreenings(of owner: UserID) throws -> Int
    /// Screenings queued before this one.
    func queuePosition(_ id: ScreeningID) throws -> Int
}

/// The audit log, which only grows.
public protocol AuditRows {
    /// Adds an entry at the end of the chain.
    func append(_ entry: AuditEntry) throws
    /// Newest first, before a sequence number.
    func auditRecords(matching: AuditFilter, before: Int64?, limit: Int) throws -> [AuditRecord]
    /// Oldest first, after a sequence number, for verification and export.
    func auditRecords(after: Int64, limit: Int) throws -> [AuditRecord]
    /// What the log says of its own end: the last sequence number and hash.
    func auditHead() throws -> (sequence: Int64, hash: String)
}

/// Cities.
public protocol PlaceRows {
    func countPlaces() throws -> Int
    func insert(_ places: [Place]) throws
    func place(_ id: Int64) throws -> Place?
    /// Places whose name or local name begins so, without regard to case and accents, the most populous first; then those
    /// whose name is nearly so (see `PlaceSpelling`).
    func places(matching: String, limit: Int) throws -> [Place]
    /// Stores other names of places, as written by people there.
    func insert(placeNames: [PlaceName]) throws
    /// The places nearest to a point, nearest first.
    func places(near: GeoPosition, limit: Int) throws -> [Place]
}

/// Postcodes.
public protocol PostcodeRows {
    /// Whether all postcodes of an edition of the file were stored.
    func hasPostcodes(ofEdition edition: Int64) throws -> Bool
    /// Stores postcodes in place of those of the same code and country.
    func store(_ postcodes: [Postcode], edition: Int64) throws
    /// Removes those of other editions, and notes that this one, a number from 0 on, is whole.
    func finishPostcodes(edition: Int64, at: Date) throws
    /// Every row that a code, as it is compared, is or begins with, of all countries; none before a first edition is whole,
    /// when some countries may be missing.
    func postcodes(beginning code: String) throws -> [Postcode]
}
