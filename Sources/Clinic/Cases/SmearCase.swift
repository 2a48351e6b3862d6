import Findings
import Foundation

/// The images of one sample, together.
public struct SmearCase: Sendable, Equatable, Codable {
    public let id: CaseID
    public let ownerID: UserID
    public var title: String
    public var note: String
    public let createdAt: Date
    /// When an image came, an answer was stored, or somebody renamed it.
    public var updatedAt: Date
    /// The person in the owner's care whose sample it is; nil for the owner's own.
    public var dependentID: DependentID?

    public init(
        id: CaseID = CaseID(), ownerID: UserID, title: String, note: String = "", createdAt: Date, updatedAt: Date,
        dependentID: DependentID? = nil
    ) {
        (self.id, self.ownerID, self.title) = (id, ownerID, title)
        (self.note, self.createdAt, self.updatedAt) = (note, createdAt, updatedAt)
        self.dependentID = dependentID
    }
}

/// An image in a case; its bytes are in the `ImageArchive` under `archiveKey`.
public struct CaseImage: Sendable, Equatable, Codable {
    public let id: ImageID
    public let caseID: CaseID
    /// 1, 2, 3 … in the order of arrival.
    public let number: Int
    /// Chosen by the sender for this one upload; the same key again in the same case is the same image, so that a
    /// client on a poor network may send again.
    public let uploadKey: String
    /// Pixels, after orientation.
    public let width: Int
    /// Pixels, after orientation.
    public let height: Int
    /// Bytes as stored.
    public let byteCount: Int
    /// SHA-256 of the file as it was sent, 64 lower-case hexadecimal digits.
    public let sha256: String
    /// Where the stored, re-encoded image is.
    public let archiveKey: String
    public let createdAt: Date

    public init(
        id: ImageID = ImageID(), caseID: CaseID, number: Int, uploadKey: String, width: Int, height: Int,
        byteCount: Int, sha256: String, archiveKey: String, createdAt: Date
    ) {
        (self.id, self.caseID, self.number, self.uploadKey) = (id, caseID, number, uploadKey)
        (self.width, self.height, self.byteCount, self.sha256) = (width, height, byteCount, sha256)
        (self.archiveKey, self.createdAt) = (archiveKey, createdAt)
    }
}

/// The answer to an image, or the wait for it. One row an image; it is also the queue's entry.
public struct ScreeningRecord: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case queued, running, done, failed
    }

    public let id: ScreeningID
    public let imageID: ImageID
    public let caseID: CaseID
    public var state: State
    /// How often a worker took it up.
    public var attempts: Int
    /// Who works at it, while `running`.
    public var workerID: String?
    /// Until when that worker has it; later another may take it.
    public var leaseUntil: Date?
    /// The decision and class that lists show, once `done`.
    public var finding: Finding?
    /// The whole outcome, once `done`; nil too where the row cannot be read, see `answer`.
    public var outcome: ScreeningOutcome?
    /// What the analytics page shows beside the pictures (cells, steps, timeline), as JSON, once `done`.
    public var analyticsJSON: String?
    /// Why there is no answer, once `failed`.
    public var failure: Message?
    public let createdAt: Date
    public var finishedAt: Date?
    /// Where the image was made.
    public var origin: ScreeningOrigin

    public init(
        id: ScreeningID = ScreeningID(), imageID: ImageID, caseID: CaseID, state: State = .queued, attempts: Int = 0,
        workerID: String? = nil, leaseUntil: Date? = nil, finding: Finding? = nil, outcome: ScreeningOutcome? = nil,
        analyticsJSON: String? = nil, failure: Message? = nil, createdAt: Date, finishedAt: Date? = nil,
        origin: ScreeningOrigin = .unknown
    ) {
        (self.id, self.imageID, self.caseID, self.state) = (id, imageID, caseID, state)
        (self.attempts, self.workerID, self.leaseUntil, self.finding) = (attempts, workerID, leaseUntil, finding)
        (self.outcome, self.analyticsJSON, self.failure, self.createdAt) = (outcome, analyticsJSON, failure, createdAt)
        (self.finishedAt, self.origin) = (finishedAt, origin)
    }
}

extension ScreeningRecord {
    /// What was found; nil until the screening is done.
    ///
    /// - Throws: `ClinicError.corrupt` where it is done and its row cannot be read. Whatever shows an answer asks here.
    public var answer: ScreeningOutcome? {
        get throws {
            guard state == .done else { return nil }
            guard let outcome else {
                throw ClinicError(.corrupt, fault: "The result of screening \(id) cannot be read.")
            }
            return outcome
        }
    }
}

/// A line of the list of cases.
public struct CaseSummary: Sendable, Equatable {
    public let smearCase: SmearCase
    public let imageCount: Int
    /// The screenings of the case that are done, in the order of the images.
    public let fields: [CaseField]
    /// What they come to, signed readings and all.
    public var findings: [Finding] { fields.map(\.finding) }
    /// Images that show the same field.
    public let overlaps: [ImageOverlap]
    /// That of the model in use.
    public var rule: VerdictRule?
    /// What doctors signed.
    public let readings: CaseReadings
    /// Screenings that are queued or running.
    public let pendingCount: Int
    public let failedCount: Int
    /// The first screening that is done, whose thumbnail stands for the case.
    public let coverScreeningID: ScreeningID?
    /// All images of the case.
    let images: [CaseConclusion.Image]
    /// Readings of the whole case that count.
    let wholeReadings: [CaseReading]

    public init(
        smearCase: SmearCase, images: [CaseConclusion.Image], fields: [CaseField], overlaps: [ImageOverlap] = [],
        readings: CaseReadings = CaseReadings(), wholeReadings: [CaseReading] = [], pendingCount: Int,
        failedCount: Int, coverScreeningID: ScreeningID?
    ) {
        (self.readings, self.wholeReadings, self.smearCase) = (readings, wholeReadings, smearCase)
        (self.images, self.fields, self.overlaps, imageCount) = (images, fields, overlaps, images.count)
        (self.pendingCount, self.failedCount, self.coverScreeningID) = (pendingCount, failedCount, coverScreeningID)
    }
}

/// Which cases to list.
public struct CaseFilter: Sendable, Equatable {
    /// Words; a case is found when each begins a word of its title or note, without regard to case and accents.
    public var search: String
    /// Only cases that hold a screening with this decision.
    public var decision: Decision?
    /// Only cases that hold a screening reported as this class.
    public var label: SmearClass?

    public init(search: String = "", decision: Decision? = nil, label: SmearClass? = nil) {
        (self.search, self.decision, self.label) = (search, decision, label)
    }
}

/// Where a page of a list begins: after this case, in the order newest first.
public struct CaseCursor: Sendable, Equatable {
    public let updatedAt: Date
    public let id: CaseID

    public init(updatedAt: Date, id: CaseID) {
        self.updatedAt = updatedAt
        self.id = id
    }
}
