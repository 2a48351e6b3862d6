import Findings
import Foundation

/// A case with everything its pages show, as it stood in one transaction.
public struct CaseContents: Sendable {
    /// An image with its screening.
    public struct Entry: Sendable {
        public let image: CaseImage
        public let screening: ScreeningRecord
        /// Screenings before this one in the queue; nil unless it is queued.
        public let position: Int?
        /// What doctors signed, one reading of each.
        public let readings: [SignedReading]
        /// What is said of the microscope.
        public let standing: SiteStanding
    }

    public let smearCase: SmearCase
    /// In the order of the images' numbers.
    public let entries: [Entry]
    /// What doctors signed of the whole case, one reading of each.
    public let readings: [SignedCaseReading]
    /// Whose sample it is.
    public let subject: CaseSubject
    /// What is known of them; nil where nothing is.
    public var person: Person? { subject.person }
    /// Images of the case that are not among `entries`: not shared with whoever asked, or not screened yet.
    public let otherImages: Int

    /// What is kept of the images for the verdict.
    let facts: [ImageFacts]
    /// Images that show the same field.
    let overlaps: [ImageOverlap]
    /// That of the model in use.
    var rule: VerdictRule?

    /// A case without images.
    init(new smearCase: SmearCase, in transaction: any PersonRows) throws {
        self.smearCase = smearCase
        subject = try CaseSubject(of: smearCase, in: transaction)
        (entries, readings, facts, overlaps, otherImages) = ([], [], [], [], 0)
    }

    /// For the owner or an administrator: they see every image and every signed reading.
    ///
    /// - Throws: What the database throws.
    init(_ smearCase: SmearCase, in transaction: any CaseReadingRows) throws {
        self.smearCase = smearCase
        facts = try transaction.facts(ofCases: [smearCase.id])
        overlaps = try transaction.overlaps(ofCases: [smearCase.id])[smearCase.id] ?? []
        subject = try CaseSubject(of: smearCase, in: transaction)
        self.readings = try SignedCaseReading.all(of: transaction.caseReadings(of: smearCase.id), in: transaction)
        let screenings = Dictionary(
            try transaction.screenings(of: smearCase.id).map { ($0.imageID, $0) }, uniquingKeysWith: { $1 })
        let readings = Dictionary(grouping: try transaction.readings(ofCase: smearCase.id), by: \.screeningID)
        let standings = try Sites.standings(of: Array(screenings.values), in: transaction)
        entries = try transaction.images(of: smearCase.id).compactMap { image in
            guard let screening = screenings[image.id] else { return nil }
            let position = screening.state == .queued ? try transaction.queuePosition(screening.id) : nil
            return Entry(
                image: image, screening: screening, position: position,
                readings: try SignedReading.all(of: readings[screening.id] ?? [], in: transaction),
                standing: standings[screening.id] ?? .unknown)
        }
        otherImages = 0
    }

    /// For a clinician with whom it is shared whole: the images that are shared and what the patient chose to tell; of readings
    /// what the clinician is shown when reading the case and its images.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    init(_ smearCase: SmearCase, sharedWith reader: User, in transaction: any CaseReadingRows) throws {
        let desk = try SecondReading.caseDesk(smearCase.id, of: reader, in: transaction)
        guard let told = desk.told else { throw CaseAccess.missing }
        let all = try CaseContents(smearCase, in: transaction)
        let shared = Set(desk.images.map(\.id))
        var shown = smearCase
        (shown.title, shown.note) = (told.title, told.note)
        (self.smearCase, subject, readings) = (shown, all.subject.telling(told), desk.signedReadings)
        (facts, overlaps, otherImages) = (all.facts, all.overlaps, desk.otherImages)
        entries = all.entries.filter { shared.contains($0.screening.id) }.map { entry in
            Entry(
                image: entry.image, screening: entry.screening, position: entry.position,
                readings: entry.readings.filter { $0.reading.readerID == reader.id }, standing: entry.standing)
        }
    }

    /// What the images say together.
    public var verdict: CaseVerdict {
        let images = entries.compactMap { entry in
            entry.screening.finding.map { (finding: $0, readings: entry.readings.map(\.reading)) }
        }
        return verdict(of: fields, CaseReadings(images, arrivals: entries.map(\.image.createdAt)))
    }

    /// What the case comes to.
    public var conclusion: CaseConclusion {
        CaseConclusion(
            verdict: verdict, network: verdict(of: fields.map(\.ofNetwork), CaseReadings()),
            readings: readings.map(\.reading),
            images: entries.map { entry in
                let finding = entry.screening.finding
                return .init(
                    screening: entry.screening.id,
                    isMalignant: finding?.isMalignant(read: entry.readings.map(\.reading)) == true)
            })
    }

    private var fields: [CaseField] {
        let facts = Dictionary(facts.map { ($0.imageID, $0) }, uniquingKeysWith: { $1 })
        return entries.compactMap { entry in
            entry.screening.finding.map {
                CaseField(
                    imageID: entry.image.id, network: $0, readings: entry.readings.map(\.reading),
                    facts: facts[entry.image.id], isQualified: entry.screening.origin.isQualified)
            }
        }
    }

    private func verdict(of fields: [CaseField], _ readings: CaseReadings) -> CaseVerdict {
        CaseVerdict(
            fields: fields, overlaps: overlaps, rule: rule, readings: readings, pendingCount: pendingCount,
            failedCount: entries.count { $0.screening.state == .failed })
    }

    /// Whether a doctor has signed a reading: then the case stays whose it is.
    public var isSigned: Bool { !readings.isEmpty || entries.contains { !$0.readings.isEmpty } }

    public var pendingCount: Int { entries.count { [.queued, .running].contains($0.screening.state) } }
}
