import Findings
import Foundation

/// A clinician's reading of a whole case: one answer, and single images where theirs is another one. A signed one never
/// changes; a change of mind is another revision. With the signature each image that it covers gets a signed `Reading`.
public struct CaseReading: Sendable, Equatable, Codable, CountedReading {
    public let id: CaseReadingID
    public let caseID: CaseID
    public let readerID: UserID
    /// 1, 2, 3 … of this reader for this case; the highest signed one counts.
    public let revision: Int
    public var label: ReaderLabel
    /// What an `otherFinding` is, in the reader's words; empty for every other answer.
    public var finding: String
    /// What an `otherFinding` is, as far as the list has it, in its order; empty for every other answer.
    public var findings: [SmearFinding]
    public var comment: String
    /// Of a signed one, each image that it covers with its answer; of a draft, the images that differ.
    public var images: [ScreeningID: ReaderLabel]
    /// Whether it settles what was signed before of the images that it covers, by whichever reader.
    public var settles: Bool
    /// Whether a later reading settled it; of one that was signed.
    public let isSettled: Bool
    /// Whether the network's answers to all its images were hidden until it was signed.
    public var isBlind: Bool
    /// nil while it is a draft.
    public var signedAt: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: CaseReadingID = CaseReadingID(), caseID: CaseID, readerID: UserID, revision: Int, label: ReaderLabel,
        finding: String = "", findings: [SmearFinding] = [], comment: String = "",
        images: [ScreeningID: ReaderLabel] = [:], settles: Bool = false, isSettled: Bool = false, isBlind: Bool = false,
        signedAt: Date? = nil, createdAt: Date, updatedAt: Date
    ) {
        (self.id, self.caseID, self.readerID, self.revision) = (id, caseID, readerID, revision)
        (self.label, self.finding, self.findings) = (label, finding, SmearFinding.ordered(findings))
        (self.comment, self.images) = (comment, images)
        (self.settles, self.isSettled, self.isBlind) = (settles, isSettled, isBlind)
        (self.signedAt, self.createdAt, self.updatedAt) = (signedAt, createdAt, updatedAt)
    }

    /// The images whose answer is not that of the case.
    public var differing: [ScreeningID: ReaderLabel] { images.filter { $0.value != label } }

    /// The other finding and the comment, as the readings of the images hold them.
    public var words: String { [finding, comment].filter { !$0.isEmpty }.joined(separator: "\n") }

    public var order: String { id.text }
}

public typealias CaseReadingID = Identifier<CaseReading>

/// What decides which readings count and which leads, of an image and of a case alike.
public protocol CountedReading {
    var readerID: UserID { get }
    var revision: Int { get }
    var label: ReaderLabel { get }
    var signedAt: Date? { get }
    /// Whether a later reading of the whole case settled it.
    var isSettled: Bool { get }
    /// Of two that were signed at the same moment.
    var order: String { get }
}

extension Sequence where Element: CountedReading {
    /// The signed readings that count: the last revision of each reader unless it was settled, the newest signature first.
    public var counting: [Element] {
        Dictionary(grouping: filter { $0.signedAt != nil }, by: \.readerID).values
            .compactMap { own in own.max { $0.revision < $1.revision } }
            .filter { !$0.isSettled }
            .sorted { ($1.signedAt ?? .distantPast, $0.order) < ($0.signedAt ?? .distantPast, $1.order) }
    }

    /// The most serious of readings that count, the newest signature first: it leads.
    public var mostSerious: Element? {
        reduce(nil) { best, next in
            guard let best else { return next }
            return next.label.seriousness > best.label.seriousness ? next : best
        }
    }
}

/// Readings of whole cases.
public protocol WholeCaseReadingRows {
    /// - Throws: `ClinicError.duplicate` with field `revision`.
    func insert(_ reading: CaseReading) throws
    /// Stores everything of a draft but its revision and beginning.
    ///
    /// - Throws: `ClinicError.notFound`, also for a reading that is signed.
    func update(_ reading: CaseReading) throws
    /// Readings of whole cases, and what others than this reader signed of the images, no longer count.
    func settle(_ readings: [CaseReadingID], and images: [ScreeningID], by reader: UserID) throws
    /// Every revision of every reader, oldest first, drafts too.
    func caseReadings(of smearCase: CaseID) throws -> [CaseReading]
    /// Every revision of a reader, oldest first, drafts too.
    func caseReadings(by reader: UserID, limit: Int) throws -> [CaseReading]
}
