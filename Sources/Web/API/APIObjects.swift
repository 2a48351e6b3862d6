import Clinic
import Findings
import Foundation
import Screening
import Wording

/// What the images of a case say together, as the API tells it.
struct APIVerdict: Encodable, Sendable {
    struct Count: Encodable, Sendable {
        let label: SmearClass
        let images: Int
    }

    let kind: String
    let malignant: [Count]
    let benign: Int
    let uncertain: Int
    let rejected: Int
    let failed: Int
    let pending: Int
    let readings: CaseReadings
    /// Usable fields of view, each counted once.
    let distinctFields: Int
    let repeated: [APIRepetition]
    /// How often the rule calls sets of so many fields; nil where the model's package has no rule for these answers.
    let rule: APIRule?
    /// The signed reading of the whole case that leads; nil where none does.
    let leading: APICaseReading?
    /// What the network alone comes to.
    let network: String
    /// Whether readings of the whole case that count give different answers.
    let disputed: Bool
    /// Images that came after the reading that leads.
    let newImages: Int
    /// Usable fields that no qualified microscope made: they cannot reassure.
    let unqualifiedFields: Int

    /// How many images said what is told of the network alone where a reading of the whole case leads.
    init(_ conclusion: CaseConclusion) {
        let verdict = conclusion.leading == nil ? conclusion.verdict : conclusion.network
        kind = conclusion.kind.rawValue
        leading = conclusion.leading.map(APICaseReading.init)
        network = conclusion.network.kind.rawValue
        disputed = conclusion.isDisputed
        newImages = conclusion.newImages
        malignant = verdict.malignant.map { Count(label: $0.label, images: $0.images) }
        benign = verdict.benignCount
        uncertain = verdict.uncertainCount
        rejected = verdict.rejectedCount
        unqualifiedFields = verdict.unqualifiedCount
        failed = verdict.failedCount
        pending = verdict.pendingCount
        readings = conclusion.verdict.readings
        distinctFields = verdict.usableCount
        repeated = verdict.repeated.map(APIRepetition.init)
        rule = verdict.stated.map(APIRule.init)
    }
}

/// A signed reading of a whole case.
struct APICaseReading: Encodable, Sendable {
    let id: CaseReadingID
    /// A class, or `normal-blood`, `reactive`, `other-malignancy`, `other-finding`, `unreadable`.
    let label: String
    /// What another finding is, in the doctor's words; nil for every other answer, and where there are none.
    let finding: String?
    /// What another finding is, as far as the list has it.
    let findings: [APIFinding]
    let comment: String
    let signedAt: Date?
    /// Each image that it covers, by its screening, with its answer.
    let images: [ScreeningID: String]
    let blind: Bool
    /// Whether a later reading settled it, so that it no longer counts.
    let settled: Bool

    init(_ reading: CaseReading) {
        (id, label, comment, signedAt) = (reading.id, reading.label.word, reading.comment, reading.signedAt)
        finding = reading.finding.isEmpty ? nil : reading.finding
        findings = reading.findings.map(APIFinding.init)
        images = reading.images.mapValues(\.word)
        (blind, settled) = (reading.isBlind, reading.isSettled)
    }
}

/// A finding by its code.
struct APIFinding: Encodable, Sendable {
    let system = SmearFinding.codeSystem
    let code: String

    init(_ finding: SmearFinding) { code = finding.rawValue }
}

/// A line of the list of cases.
struct APICaseSummary: Encodable, Sendable {
    let id: CaseID
    let title: String
    let createdAt: Date
    let updatedAt: Date
    let images: Int
    let verdict: APIVerdict

    init(_ summary: CaseSummary) {
        id = summary.smearCase.id
        title = summary.smearCase.title
        createdAt = summary.smearCase.createdAt
        updatedAt = summary.smearCase.updatedAt
        images = summary.imageCount
        verdict = APIVerdict(summary.conclusion)
    }
}

/// A page of the list, and where the next one begins.
struct APICaseList: Encodable, Sendable {
    let cases: [APICaseSummary]
    /// The value of `after` for the next page; nil on the last one.
    let next: String?
}

/// A case with its images.
struct APICase: Encodable, Sendable {
    let id: CaseID
    let title: String
    let note: String
    let createdAt: Date
    let updatedAt: Date
    let verdict: APIVerdict
    /// Signed readings of the whole case, one of each reader.
    let readings: [APICaseReading]
    /// The person in the owner's care whose case it is; nil for the owner's own.
    let inCare: APIPeople.Name?
    /// Whose sample it is; nil where nothing is known.
    let person: Person.Facts?
    let images: [APIImage]

    init(_ contents: CaseContents) {
        id = contents.smearCase.id
        title = contents.smearCase.title
        note = contents.smearCase.note
        createdAt = contents.smearCase.createdAt
        updatedAt = contents.smearCase.updatedAt
        verdict = APIVerdict(contents.conclusion)
        readings = contents.readings.map { APICaseReading($0.reading) }
        inCare = contents.subject.dependent.map(APIPeople.Name.init)
        person = contents.person?.facts
        images = contents.entries.map { APIImage($0.image, $0.screening, $0.readings, $0.standing) }
    }
}

/// An image with its screening in short.
struct APIImage: Encodable, Sendable {
    struct Screening: Encodable, Sendable {
        let id: ScreeningID
        let state: String
        let decision: Decision?
        /// Only where one class is reported.
        let label: SmearClass?
        let confidence: Double?
        /// The class of a doctor's signed reading that leads over this answer, or `unreadable`; nil where none does.
        let leadingReading: String?
    }

    let id: ImageID
    let number: Int
    let width: Int
    let height: Int
    /// Of the file as it was sent.
    let sentSHA256: String
    /// Of the stored, re-encoded image; nil until it is screened.
    let storedSHA256: String?
    let uploadKey: String
    let createdAt: Date
    let screening: Screening
    let site: APIStanding

    init(
        _ image: CaseImage, _ screening: ScreeningRecord, _ readings: [SignedReading] = [],
        _ standing: SiteStanding = .unknown
    ) {
        site = APIStanding(standing)
        id = image.id
        number = image.number
        width = image.width
        height = image.height
        sentSHA256 = image.sha256
        storedSHA256 = screening.outcome?.image.sha256
        uploadKey = image.uploadKey
        createdAt = image.createdAt
        let finding = screening.finding
        self.screening = Screening(
            id: screening.id, state: screening.state.rawValue, decision: finding?.decision,
            label: finding?.reported, confidence: finding?.reported == nil ? nil : finding?.confidence,
            leadingReading: finding?.leading(readings.map(\.reading).counting)?.label.word)
    }
}

/// A screening with its whole answer.
struct APIScreening: Encodable, Sendable {
    let id: ScreeningID
    let caseID: CaseID
    let imageID: ImageID
    let state: String
    let createdAt: Date
    let finishedAt: Date?
    /// Only once `state` is `done`.
    let result: ScreeningAnswer?
    /// Only once `state` is `failed`.
    let failure: String?

    /// - Parameters:
    ///   - found: The screening with its image.
    ///   - text: The words of the reasons.
    /// - Throws: `ClinicError.corrupt` for an answer that cannot be read.
    init(_ found: ReadableScreening, text: TextCatalogue) throws {
        let record = found.screening
        id = record.id
        caseID = record.caseID
        imageID = record.imageID
        state = record.state.rawValue
        createdAt = record.createdAt
        finishedAt = record.finishedAt
        result = try record.answer.map {
            ScreeningAnswer($0, text: text, sentSHA256: found.image.sha256, site: .init(found.standing))
        }
        failure = record.state == .failed ? record.failure.map { text($0) } : nil
    }
}
