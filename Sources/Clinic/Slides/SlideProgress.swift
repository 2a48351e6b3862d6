import Findings
import Foundation

/// A slide with what became of its fields, as it stood in one transaction.
public struct SlideProgress: Sendable {
    /// A field with its image.
    public struct Field: Sendable {
        public let field: SlideField
        /// Nil before it is an image, and after that was deleted.
        public let screening: ScreeningRecord?
        /// What doctors signed of its image, one reading of each.
        public let readings: [SignedReading]
        /// What is said of the microscope.
        public let standing: SiteStanding
    }

    public let slide: CaseSlide
    /// By number.
    public let fields: [Field]
    /// What the fields that are screened say together, while as many wait as were asked for.
    public let verdict: CaseVerdict

    init(_ slide: CaseSlide, rule: VerdictRule?, in transaction: any SlideRows & CaseReadingRows) throws {
        self.slide = slide
        let chosen = try transaction.fields(of: slide.id)
        let hasImages = chosen.contains { $0.imageID != nil }
        let screenings = Dictionary(
            hasImages ? try transaction.screenings(of: slide.caseID).map { ($0.imageID, $0) } : [],
            uniquingKeysWith: { $1 })
        let facts = Dictionary(
            hasImages ? try transaction.facts(ofCases: [slide.caseID]).map { ($0.imageID, $0) } : [],
            uniquingKeysWith: { $1 })
        let readings = Dictionary(
            grouping: hasImages ? try transaction.readings(ofCase: slide.caseID) : [], by: \.screeningID)
        let standings = try Sites.standings(of: Array(screenings.values), in: transaction)
        fields = try chosen.map { field -> Field in
            let screening = field.imageID.flatMap { screenings[$0] }
            let signed = screening.flatMap { readings[$0.id] } ?? []
            return Field(
                field: field, screening: screening, readings: try SignedReading.all(of: signed, in: transaction),
                standing: screening.flatMap { standings[$0.id] } ?? .unknown)
        }
        let answered = fields.compactMap { field -> CaseField? in
            guard let screening = field.screening, let finding = screening.finding else { return nil }
            return CaseField(imageID: screening.imageID, finding: finding, facts: facts[screening.imageID])
        }
        // While fields are to come the rule asks for as many witnesses as for all of them: looking after each field
        // calls no slide that looking once would not.
        let total = min(slide.wanted, chosen.count)
        let failed = fields.count { $0.screening?.state == .failed }
        verdict = CaseVerdict(
            fields: answered, rule: rule, pendingCount: max(0, total - answered.count - failed), failedCount: failed)
    }

    /// Fields that are images, or were.
    public var takenCount: Int { fields.count { $0.field.takenAt != nil } }
    /// Fields whose image has an answer.
    public var answeredCount: Int { fields.count { $0.screening?.finding != nil } }
    /// Fields whose image waits for its answer.
    public var pendingCount: Int { fields.count { [.queued, .running].contains($0.screening?.state) } }
    /// Fields that are to be screened: those that were asked for, as far as there are so many.
    public var wantedCount: Int { min(slide.wanted, fields.count) }
    /// The next field that is to become an image.
    public var next: SlideField? {
        guard takenCount < wantedCount else { return nil }
        return fields.first { $0.field.takenAt == nil }?.field
    }
}

extension CaseSlides {
    /// Takes the next slide for a worker.
    public func claim(worker: String, leaseUntil: Date) async throws -> CaseSlide? {
        let now = clock()
        return try await database.write { try $0.claimSlide(worker: worker, now: now, leaseUntil: leaseUntil) }
    }

    /// How far a slide is, for the worker that has it; nil when it is gone.
    public func progress(ofWork id: SlideID) async throws -> SlideProgress? {
        try await database.read { [rule] transaction in
            try transaction.slide(id).map { try SlideProgress($0, rule: rule, in: transaction) }
        }
    }

    /// The parts that a slide's file was sent in.
    public func parts(of id: SlideID) async throws -> [SlidePart] { try await database.read { try $0.parts(of: id) } }

    /// Stores what the search of a slide came to, once.
    public func store(_ slide: CaseSlide, fields: [SlideField]) async throws {
        try await database.write { transaction in
            guard let stored = try transaction.slide(slide.id), stored.workerID == slide.workerID else {
                throw CaseAccess.missing
            }
            var found = slide
            // The worker has been given more time since it took the slide up.
            found.leaseUntil = stored.leaseUntil
            try transaction.update(found)
            if try transaction.fields(of: slide.id).isEmpty { try transaction.insert(fields) }
        }
    }

    /// Notes that a field is an image now.
    public func take(_ field: SlideField, as image: ImageID) async throws {
        var taken = field
        (taken.imageID, taken.takenAt) = (image, clock())
        try await database.write { [taken] in try $0.update(taken) }
    }

    /// Lets a slide that a worker has wait again.
    ///
    /// - Parameters:
    ///   - until: Nobody takes it up before; nil for at once.
    ///   - isCounted: Whether this was one of its attempts.
    public func putBack(_ slide: CaseSlide, until: Date? = nil, isCounted: Bool) async throws {
        try await database.write { transaction in
            guard var stored = try transaction.slide(slide.id), stored.state == .reading,
                stored.workerID == slide.workerID
            else { return }
            (stored.state, stored.workerID, stored.leaseUntil) = (.waiting, nil, until)
            if !isCounted { stored.attempts = max(0, stored.attempts - 1) }
            try transaction.update(stored)
        }
    }

    /// Ends a worker's work on a slide, where it still has it.
    ///
    /// - Returns: Whether it had.
    @discardableResult
    public func finish(
        _ slide: CaseSlide, end: CaseSlide.End? = nil, failure: CaseSlide.Failure? = nil
    ) async throws -> Bool {
        let now = clock()
        return try await database.write { transaction in
            guard var stored = try transaction.slide(slide.id), stored.state == .reading,
                stored.workerID == slide.workerID
            else { return false }
            (stored.end, stored.failure, stored.updatedAt) = (end, failure, now)
            stored.state = failure == nil ? .done : .failed
            (stored.workerID, stored.leaseUntil) = (nil, nil)
            try transaction.update(stored)
            let detail = failure.map { "reason=\($0.rawValue)" } ?? "end=\(end?.rawValue ?? "none")"
            try transaction.append(
                AuditEntry(
                    .slide(failure == nil ? .done : .failed), by: .system, object: slide.id.text, detail: detail,
                    at: now))
            return true
        }
    }
}

extension CaseSlides {
    /// A slide with its fields and the cells in them, for whoever may see its case.
    ///
    /// - Parameter isShown: Whether somebody is shown it, which is written down.
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func marks(
        of id: SlideID, in smearCase: CaseID, for reader: Principal, isShown: Bool
    ) async throws -> (progress: SlideProgress, cells: [ScreeningID: [SmearCell]]) {
        let entry = AuditEntry(
            .slide(.read), by: reader.actor, object: id.text, detail: "case=\(smearCase)", at: clock())
        return try await database.write { [rule] transaction in
            _ = try CaseAccess.readable(smearCase, by: reader.user, in: transaction)
            guard let slide = try transaction.slide(id), slide.caseID == smearCase else { throw CaseAccess.missing }
            if isShown { try transaction.append(entry) }
            let progress = try SlideProgress(slide, rule: rule, in: transaction)
            let answered = progress.fields.compactMap { $0.screening?.state == .done ? $0.screening?.id : nil }
            let cells = answered.isEmpty ? [] : try transaction.cells(of: answered, isHeld: false)
            return (progress, Dictionary(grouping: cells, by: \.screeningID))
        }
    }
}
