import Findings

/// What the images of one sample say together; conservative, because somebody may act on it.
///
/// The rule: one report of a malignant class asks for an urgent reading, whatever the others say. “Benign” is said only
/// when every usable image is reported benign and none waits. Anything between is undecided. Images without an answer
/// (rejected, failed) count for neither side and are told. A doctor's signed reading that is more serious than the
/// network's answer to an image stands in its place. It is a verdict on these images, never on a person.
public struct CaseVerdict: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// There are no images yet.
        case empty
        /// Images wait, and none of those done is reported malignant.
        case waiting
        /// At least one image is reported as a malignant class.
        case urgent
        /// Every usable image is reported benign.
        case benign
        /// Usable images, none malignant, not all benign.
        case undecided
        /// Nothing waits, and no image could be answered.
        case unusable
    }

    public let kind: Kind
    /// Images reported as each malignant class, the most frequent first, then in the order of the classes.
    public let malignant: [Count]
    public let benignCount: Int
    /// Images with more than one possible class.
    public let uncertainCount: Int
    /// Images that were declined.
    public let rejectedCount: Int
    public let failedCount: Int
    public let pendingCount: Int
    /// What doctors signed.
    public let readings: CaseReadings

    /// How often a class was reported.
    public struct Count: Sendable, Equatable {
        public let label: SmearClass
        public let images: Int

        public init(label: SmearClass, images: Int) {
            self.label = label
            self.images = images
        }
    }

    /// Usable fields of view that a reader would want before saying anything about a sample. A differential counts at
    /// least 100 white cells (CLSI H20-A2, 400 for a reference count); a field at 100× shows some ten of them.
    public static let wantedFields = 10

    /// Images that count: reported or uncertain.
    public var usableCount: Int { malignant.reduce(benignCount + uncertainCount) { $0 + $1.images } }

    /// Fields that are still missing for a reader, 0 or more.
    public var missingFields: Int { max(0, Self.wantedFields - usableCount) }

    /// - Parameters:
    ///   - findings: What the images that are done come to, signed readings and all (`Finding.led`).
    ///   - readings: What doctors signed.
    ///   - pendingCount: Screenings that are queued or running.
    ///   - failedCount: Screenings that got no answer.
    public init(
        findings: [Finding], readings: CaseReadings = CaseReadings(), pendingCount: Int, failedCount: Int
    ) {
        self.readings = readings
        let reported = findings.compactMap(\.reported)
        malignant = SmearClass.allCases.filter(\.isMalignant).map { smearClass in
            Count(label: smearClass, images: reported.count { $0 == smearClass })
        }.filter { $0.images > 0 }.sorted { ($1.images, $0.label.index) < ($0.images, $1.label.index) }
        benignCount = reported.count { !$0.isMalignant }
        uncertainCount = findings.count { $0.decision == .uncertain }
        rejectedCount = findings.count { $0.decision == .rejected }
        self.failedCount = failedCount
        self.pendingCount = pendingCount
        kind =
            if !malignant.isEmpty {
                .urgent
            } else if pendingCount > 0 {
                .waiting
            } else if findings.isEmpty && failedCount == 0 {
                .empty
            } else if benignCount + uncertainCount == 0 {
                .unusable
            } else if uncertainCount == 0 {
                .benign
            } else {
                .undecided
            }
    }
}

extension CaseSummary {
    /// What the images of the case say together.
    public var verdict: CaseVerdict {
        CaseVerdict(findings: findings, readings: readings, pendingCount: pendingCount, failedCount: failedCount)
    }
}
