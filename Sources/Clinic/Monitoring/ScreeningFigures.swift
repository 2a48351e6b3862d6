import Findings
import Foundation

/// What the dashboards count of one finished screening.
public struct ScreeningFact: Sendable, Equatable {
    public let finishedAt: Date
    public let finding: Finding
    /// The novelty score; nil where the model has none.
    public let novelty: Double?
    public let modelName: String
    public let modelVersion: String
    /// Milliseconds from the queue's entry to the stored answer.
    public let waitMilliseconds: Double
    /// Milliseconds of decoding, preprocessing and inference.
    public let workMilliseconds: Double

    public init(
        finishedAt: Date, finding: Finding, novelty: Double?, modelName: String,
        modelVersion: String, waitMilliseconds: Double, workMilliseconds: Double
    ) {
        (self.finishedAt, self.finding, self.novelty) = (finishedAt, finding, novelty)
        (self.modelName, self.modelVersion, self.waitMilliseconds) = (modelName, modelVersion, waitMilliseconds)
        self.workMilliseconds = workMilliseconds
    }
}

/// Screenings of one day (UTC), decision, class and model.
public struct DailyCount: Sendable, Equatable {
    /// The day's beginning, UTC.
    public let day: Date
    public let decision: Decision
    public let label: SmearClass
    public let modelVersion: String
    public let count: Int

    public init(day: Date, decision: Decision, label: SmearClass, modelVersion: String, count: Int) {
        (self.day, self.decision, self.label) = (day, decision, label)
        (self.modelVersion, self.count) = (modelVersion, count)
    }
}

/// A model package that this site has; its files are in the `ImageArchive` under `models/<id>/`.
public struct InstalledModel: Sendable, Equatable {
    public let id: InstalledModelID
    public let name: String
    public let version: String
    /// SHA-256 of `model.onnx`, as `model.json` states it.
    public let checksum: String
    /// The package's `metrics.json`.
    public let metricsJSON: String
    public let installedAt: Date
    public let installedBy: UserID?

    public init(
        id: InstalledModelID = InstalledModelID(), name: String, version: String, checksum: String,
        metricsJSON: String, installedAt: Date, installedBy: UserID?
    ) {
        (self.id, self.name, self.version, self.checksum) = (id, name, version, checksum)
        (self.metricsJSON, self.installedAt, self.installedBy) = (metricsJSON, installedAt, installedBy)
    }
}

/// That a model took over; the newest one is active. `modelID` nil is the shipped model.
public struct ModelActivation: Sendable, Equatable {
    /// 1, 2, 3 …
    public let sequence: Int64
    public let modelID: InstalledModelID?
    public let at: Date
    public let by: UserID?
    public let reason: String

    public init(sequence: Int64, modelID: InstalledModelID?, at: Date, by: UserID?, reason: String) {
        (self.sequence, self.modelID, self.at, self.by, self.reason) = (sequence, modelID, at, by, reason)
    }
}

public typealias InstalledModelID = Identifier<InstalledModel>
