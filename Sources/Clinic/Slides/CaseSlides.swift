import Findings
import Foundation

/// What people and programs do with whole slides: who may, how much, and what the audit log keeps of it. Files are the
/// business of `Casework`.
public struct CaseSlides: Sendable {
    /// How many fields are screened where nobody says, and how many may be asked for.
    public static let defaultFields = 20
    public static let fieldCounts = 1...200
    /// How wide a pixel of a slide can be, in micrometres, as `SlideFile.scales` of `Slides` has it.
    public static let scales = 0.02...2.1

    let database: any ClinicDatabase
    let rule: VerdictRule?
    let quota: SlideQuota
    /// The notice without whose consent nothing is screened.
    let notice: ConsentNotice
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - rule: That of the model in use.
    ///   - quota: How much may be stored.
    ///   - notice: That in force.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, rule: VerdictRule? = nil, quota: SlideQuota = SlideQuota(),
        notice: ConsentNotice = .current, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.rule, self.quota, self.notice, self.clock) = (database, rule, quota, notice, clock)
    }

    /// Begins to take a slide in parts. The same file again, not yet whole, goes on where it was.
    ///
    /// - Parameters:
    ///   - name: The file's name.
    ///   - bytes: How long it is.
    ///   - fingerprint: SHA-256 of its first part, in hexadecimal digits.
    ///   - isWritable: Asked before anything is promised: whether the disk has room.
    /// - Throws: `ClinicError.notFound` for anybody but the owner; `.invalid` with field `name`, `bytes`, `fingerprint` or `fields`;
    ///   `.consentNeeded`, `.quotaExceeded`.
    public func begin(
        in id: CaseID, name: String, bytes: Int, fingerprint: String, fields: Int = CaseSlides.defaultFields,
        by owner: Principal
    ) async throws -> CaseSlide {
        let (name, now) = (try Self.name(name), clock())
        guard SlideFormat(name) != nil else { throw ClinicError(.invalid, "errors.slides.format", field: "name") }
        guard bytes > 0, bytes <= quota.fileBytes else {
            throw ClinicError(
                .invalid, "errors.slides.bytes", ["gigabytes": quota.fileBytes / 1_000_000_000], field: "bytes")
        }
        guard Self.isDigest(fingerprint) else {
            throw ClinicError(.invalid, "errors.slides.digest", field: "fingerprint")
        }
        let slide = CaseSlide(
            caseID: id, ownerID: owner.userID, name: name, source: .upload, byteCount: bytes, fingerprint: fingerprint,
            state: .receiving, wanted: try Self.wanted(fields), createdAt: now, updatedAt: now)
        return try await database.write { [quota, notice] transaction in
            try Self.agreed(CaseAccess.owned(id, by: owner.user, in: transaction), under: notice, in: transaction)
            if let known = try transaction.slides(of: id).first(where: { $0.isResumed(by: slide) }) { return known }
            try transaction.append(
                AuditEntry(.slide(.add), by: owner.actor, object: slide.id.text, detail: "case=\(id)", at: now))
            // Holds the log from here on, so that two that begin at the same time are counted one after the other.
            _ = try transaction.auditHead()
            try quota.check(adding: bytes, for: owner.userID, in: transaction)
            try transaction.insert(slide)
            return slide
        }
    }

    /// Takes a slide out of the operator's folder, for clinicians and administrators.
    ///
    /// - Parameters:
    ///   - path: Where it is in the folder, checked.
    ///   - bytes: How long it is.
    /// - Throws: `ClinicError.notFound` for anybody but the owner, and for patients; `.consentNeeded`.
    public func register(
        _ path: String, bytes: Int, in id: CaseID, fields: Int = CaseSlides.defaultFields, by owner: Principal
    ) async throws -> CaseSlide {
        guard owner.role != .patient else { throw CaseAccess.missing }
        let now = clock()
        let slide = CaseSlide(
            caseID: id, ownerID: owner.userID, name: try Self.name(String(path.split(separator: "/").last ?? "")),
            source: .folder, path: path, byteCount: bytes, received: bytes, state: .waiting,
            wanted: try Self.wanted(fields), createdAt: now, updatedAt: now)
        return try await database.write { [notice] transaction in
            try Self.agreed(CaseAccess.owned(id, by: owner.user, in: transaction), under: notice, in: transaction)
            if let known = try transaction.slides(of: id).first(where: { $0.source == .folder && $0.path == path }) {
                return known
            }
            try transaction.insert(slide)
            try transaction.append(
                AuditEntry(.slide(.register), by: owner.actor, object: slide.id.text, detail: "case=\(id)", at: now))
            return slide
        }
    }

    /// Notes a part that lies on the disk; with the last one the slide waits to be read.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but the owner; `.busy` where another part came before it.
    public func add(_ part: SlidePart, to id: SlideID, in smearCase: CaseID, by owner: Principal) async throws
        -> CaseSlide
    {
        let now = clock()
        return try await database.write { transaction in
            let slide = try Self.owned(id, in: smearCase, by: owner, transaction)
            guard slide.state == .receiving, try transaction.add(part, to: id, at: now),
                var stored = try transaction.slide(id)
            else { throw ClinicError(.busy, "errors.slides.otherPart") }
            guard stored.received == stored.byteCount else { return stored }
            stored.state = .waiting
            stored.updatedAt = now
            try transaction.update(stored)
            try transaction.append(
                AuditEntry(.slide(.complete), by: owner.actor, object: id.text, detail: "case=\(smearCase)", at: now))
            return stored
        }
    }

    /// Notes that parts are gone from a byte on, so that their sender goes on there.
    ///
    /// - Parameter kept: Where the first part that is missing begins.
    /// - Returns: How far the slide is now.
    /// - Throws: `ClinicError.notFound` where it is gone.
    public func rewind(_ id: SlideID, to kept: Int) async throws -> CaseSlide {
        let now = clock()
        return try await database.write { transaction in
            try transaction.rewind(id, to: kept, at: now)
            guard let slide = try transaction.slide(id) else { throw CaseAccess.missing }
            return slide
        }
    }

    /// A slide, for whoever may see its case. What follows of one that was shown belongs to that: nothing is written down.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func readable(_ id: SlideID, in smearCase: CaseID, for reader: Principal) async throws -> CaseSlide {
        try await database.read { transaction in
            _ = try CaseAccess.readable(smearCase, by: reader.user, in: transaction)
            return try Self.found(id, in: smearCase, transaction)
        }
    }

    /// A slide of which a part comes, for its owner alone.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else; `.consentNeeded`.
    public func receiving(_ id: SlideID, in smearCase: CaseID, by owner: Principal) async throws -> CaseSlide {
        try await database.read { [notice] transaction in
            try Self.agreed(
                CaseAccess.owned(smearCase, by: owner.user, in: transaction), under: notice, in: transaction)
            return try Self.found(id, in: smearCase, transaction)
        }
    }

    /// A slide, for its owner alone.
    public func owned(_ id: SlideID, in smearCase: CaseID, by owner: Principal) async throws -> CaseSlide {
        try await database.read { try Self.owned(id, in: smearCase, by: owner, $0) }
    }

    /// The slides of a case with how many of their fields are screened, for whoever may see it.
    public func list(of smearCase: CaseID, for reader: Principal) async throws -> [SlideProgress] {
        try await database.read { [rule] transaction in
            _ = try CaseAccess.readable(smearCase, by: reader.user, in: transaction)
            return try transaction.slides(of: smearCase).map { try SlideProgress($0, rule: rule, in: transaction) }
        }
    }

    /// How far one slide is.
    public func progress(
        of id: SlideID, in smearCase: CaseID, for reader: Principal
    ) async throws -> SlideProgress {
        try await database.read { [rule] transaction in
            _ = try CaseAccess.readable(smearCase, by: reader.user, in: transaction)
            return try SlideProgress(Self.found(id, in: smearCase, transaction), rule: rule, in: transaction)
        }
    }

    /// Has a slide read, again or further.
    ///
    /// - Parameters:
    ///   - fields: How many fields are to be screened in all.
    ///   - micrometresPerPixel: Stated by hand; nil leaves what is known.
    /// - Throws: `ClinicError.notFound` for anybody but the owner; `.invalid` with field `fields` or `scale`, and for a slide that is not
    ///   whole; `.consentNeeded`.
    public func readOn(
        _ id: SlideID, in smearCase: CaseID, fields: Int, micrometresPerPixel: Double? = nil, by owner: Principal
    ) async throws {
        let (wanted, now) = (try Self.wanted(fields), clock())
        if let scale = micrometresPerPixel, !Self.scales.contains(scale) {
            throw ClinicError(.invalid, "errors.slides.scale", field: "scale")
        }
        try await database.write { [notice] transaction in
            try Self.agreed(
                CaseAccess.owned(smearCase, by: owner.user, in: transaction), under: notice, in: transaction)
            var slide = try Self.found(id, in: smearCase, transaction)
            guard [.done, .failed].contains(slide.state) else {
                throw ClinicError(.invalid, "errors.slides.notReady", field: "fields")
            }
            slide.state = .waiting
            (slide.wanted, slide.attempts, slide.end, slide.failure) = (max(slide.wanted, wanted), 0, nil, nil)
            if let micrometresPerPixel, try transaction.fields(of: id).isEmpty {
                slide.micrometresPerPixel = micrometresPerPixel
            }
            slide.updatedAt = now
            try transaction.update(slide)
            try transaction.append(
                AuditEntry(.slide(.again), by: owner.actor, object: id.text, detail: "fields=\(slide.wanted)", at: now))
        }
    }

    /// Deletes a slide; the images of its fields stay in the case.
    ///
    /// - Returns: The folder of its files in the archive.
    /// - Throws: `ClinicError.notFound` for anybody but the owner.
    public func delete(_ id: SlideID, in smearCase: CaseID, by owner: Principal) async throws -> String {
        let now = clock()
        return try await database.write { transaction in
            let slide = try Self.owned(id, in: smearCase, by: owner, transaction)
            _ = try Erasure(.slide, id.text, at: now).carryOut(
                by: owner.actor, detail: "case=\(smearCase)", in: transaction)
            return slide.archiveFolder
        }
    }

    /// Lets nothing more of a case's slides be screened without the consent of whose it is.
    ///
    /// - Throws: `ClinicError.consentNeeded`; `.notFound` where the case is gone.
    public func requireConsent(to smearCase: CaseID) async throws {
        try await database.read { [notice] transaction in
            guard let found = try transaction.smearCase(smearCase) else { throw CaseAccess.missing }
            try Self.agreed(found, under: notice, in: transaction)
        }
    }

    private static func agreed(
        _ smearCase: SmearCase, under notice: ConsentNotice, in transaction: any ConsentRows
    ) throws {
        try Consents.require(of: smearCase.ownerID, for: smearCase.dependentID, under: notice, in: transaction)
    }

    private static func owned(
        _ id: SlideID, in smearCase: CaseID, by owner: Principal, _ transaction: any CaseRows & SlideRows
    ) throws -> CaseSlide {
        _ = try CaseAccess.owned(smearCase, by: owner.user, in: transaction)
        return try found(id, in: smearCase, transaction)
    }

    private static func found(_ id: SlideID, in smearCase: CaseID, _ transaction: any SlideRows) throws -> CaseSlide {
        guard let slide = try transaction.slide(id), slide.caseID == smearCase else { throw CaseAccess.missing }
        return slide
    }

    private static func wanted(_ fields: Int) throws -> Int {
        guard fieldCounts.contains(fields) else {
            throw ClinicError(
                .invalid, "errors.slides.fields",
                ["minimum": fieldCounts.lowerBound, "maximum": fieldCounts.upperBound], field: "fields")
        }
        return fields
    }

    /// The last part of a path, of at most 200 characters that can be shown.
    private static func name(_ text: String) throws -> String {
        let last = text.split(whereSeparator: { "/\\".contains($0) }).last.map(String.init) ?? ""
        let name = last.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...200).contains(name.count),
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw ClinicError(.invalid, "errors.slides.name", field: "name") }
        try HiddenLetters.refuse(in: name, field: "name")
        return name
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

extension CaseSlide {
    /// Whether another is the same file, of which parts are still to come.
    fileprivate func isResumed(by other: CaseSlide) -> Bool {
        state == .receiving && name == other.name && byteCount == other.byteCount && fingerprint == other.fingerprint
    }
}
