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

    /// After something was deleted for good: writes down outside the database that it was, and takes its content out of the
    /// database's log.
    ///
    /// - Returns: False where somebody still reads that log; then it is to be asked for again.
    /// - Throws: `ClinicError.databaseUnavailable`, `.storage`.
    @discardableResult
    func eraseTraces() async throws -> Bool
}

/// Everything that can be done within a transaction.
public protocol ClinicTransaction: UserRows, CredentialRows, CaseRows, ScreeningRows, AuditRows, PlaceRows,
    PostcodeRows, DoctorRows, AppointmentRows, ReviewRows, ReadingRows, CellRows, MonitoringRows, ModelRows,
    StoredObjectRows, ErasureRows, ImageFactRows, PersonRows, ConsentRows, KeptFormRows, NoticeRows, SiteRows,
    RetentionRows, PrivacyRows, ReportLinkRows, VisitMessageRows, SettingRows, RequestKeyRows, AttemptRows,
    ExchangeRows, SubscriptionRows, SlideRows, WatchLinkRows
{}
