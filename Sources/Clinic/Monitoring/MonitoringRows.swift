import Foundation

/// What the dashboards read.
public protocol MonitoringRows {
    /// Screenings finished in the span, by day, decision, class and model version.
    func dailyCounts(from: Date, until: Date) throws -> [DailyCount]
    /// The newest finished screenings of the span, newest first.
    func screeningFacts(from: Date, until: Date, limit: Int) throws -> [ScreeningFact]
    /// Images and bytes of everybody.
    func storedAmount() throws -> (images: Int, bytes: Int)
    /// When the oldest screening of the queue came; nil when none waits.
    func oldestQueuedAt() throws -> Date?
    /// Writes a row of its own, to see that a write would be kept.
    func proveWritable(at: Date) throws
}

/// Model packages of this site.
public protocol ModelRows {
    /// - Throws: `ClinicError.duplicate` with field `checksum` when the same network is installed.
    func insert(_ model: InstalledModel) throws
    func installedModel(_ id: InstalledModelID) throws -> InstalledModel?
    /// Newest first.
    func installedModels() throws -> [InstalledModel]
    func deleteInstalledModel(_ id: InstalledModelID) throws
    /// Makes a model the active one.
    func activate(_ model: InstalledModelID?, by: UserID?, reason: String, at: Date) throws -> ModelActivation
    /// The newest activation; nil as long as the shipped model never was replaced.
    func activeModel() throws -> ModelActivation?
    /// Newest first.
    func modelActivations(limit: Int) throws -> [ModelActivation]
}
