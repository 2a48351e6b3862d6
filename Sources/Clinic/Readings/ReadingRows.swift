import Findings
import Foundation

/// Screenings that clinicians may see, and what they read in them.
public protocol ReadingRows: WholeCaseReadingRows, SharedCaseRows {
    /// Lets a clinician see a screening; again is the same, but for `allowsTraining`, which becomes what the last call says.
    func share(_ screening: ScreeningID, with user: UserID, allowsTraining: Bool, at: Date) throws
    /// - Returns: Whether it was shared.
    func unshare(_ screening: ScreeningID, with user: UserID) throws -> Bool
    /// Takes everything back that a patient shares with a clinician.
    ///
    /// - Returns: What was shared.
    func unshareAll(of patient: UserID, with user: UserID) throws -> [ScreeningID]
    /// Images that a patient shares with a clinician.
    func countShares(of patient: UserID, with user: UserID) throws -> Int
    func isShared(_ screening: ScreeningID, with user: UserID) throws -> Bool
    func shares(of screening: ScreeningID) throws -> [ScreeningShare]
    func shares(ofCase smearCase: CaseID) throws -> [ScreeningShare]
    /// What a patient shares with anyone, newest first.
    func shares(by patient: UserID, limit: Int) throws -> [ScreeningShare]
    /// What is shared with a clinician and done; not signed ones first, then newest first.
    func sharedScreenings(with user: UserID, limit: Int, offset: Int) throws -> [SharedScreening]

    /// - Throws: `ClinicError.duplicate` with field `revision`.
    func insert(_ reading: Reading) throws
    func reading(_ id: ReadingID) throws -> Reading?
    /// Stores label, findings, comment, the network's words, isBlind, signedAt and updatedAt of a draft.
    ///
    /// - Throws: `ClinicError.notFound`, also for a reading that is signed.
    func update(_ reading: Reading) throws
    /// Every revision of every reader, oldest first.
    func readings(of screening: ScreeningID) throws -> [Reading]
    func readings(ofCase smearCase: CaseID) throws -> [Reading]
    /// Every revision of a reader, drafts too, in the order of their identifiers, after one of them.
    func readings(by reader: UserID, after: ReadingID?, limit: Int) throws -> [Reading]
    /// Signed readings that count (the highest revision of reader and screening), oldest first, after a point.
    func signedReadings(after: ReadingID?, limit: Int) throws -> [Reading]
    /// Of readings that count: how often the network said one class and the reader another, per model version.
    ///
    /// - Parameter reader: Of this reader alone; nil for those of everybody.
    func readingCounts(of reader: UserID?) throws -> [ReadingCount]
}

/// How often the network and a reader said this of the same image.
public struct ReadingCount: Sendable, Equatable {
    public let modelName: String
    public let modelVersion: String
    public let networkLabel: SmearClass
    public let networkDecision: Decision
    public let readerLabel: ReaderLabel
    public let isBlind: Bool
    public let count: Int

    public init(
        modelName: String, modelVersion: String, networkLabel: SmearClass, networkDecision: Decision,
        readerLabel: ReaderLabel, isBlind: Bool, count: Int
    ) {
        (self.modelName, self.modelVersion, self.networkLabel) = (modelName, modelVersion, networkLabel)
        (self.networkDecision, self.readerLabel, self.isBlind) = (networkDecision, readerLabel, isBlind)
        self.count = count
    }
}
