import Crypto
import Findings
import Formats
import Foundation

/// The cells of an image, of some images or of a case, as one person may see them, as they stood in one transaction.
public struct CellGallery: Sendable {
    /// Which images.
    public enum Scope: Sendable, Equatable {
        case image(ScreeningID)
        /// Those of a case that the person may see; of these only the chosen ones, where some are named.
        case smearCase(CaseID, chosen: Set<ScreeningID>)
    }

    /// A screened image.
    public struct Entry: Sendable {
        public let image: CaseImage
        public let screening: ScreeningRecord
        /// In the order of their numbers.
        public let cells: [SmearCell]
        /// A reader who stands for the types of these cells.
        public let confirmation: CellConfirmation?
    }

    public let caseID: CaseID
    /// Nil for a clinician, who sees single screenings and nothing of the case that they are from.
    public let smearCase: SmearCase?
    /// Images with an answer, in the order of their numbers.
    public let entries: [Entry]
    /// Images of the case that the person may see, with an answer or without, chosen or not.
    public let available: [(id: ScreeningID, number: Int)]
    /// Images that wait for their answer.
    public let pending: Int
    /// What readers did to these cells, oldest first.
    public let changes: [CellChange]
    /// The names of those who changed or confirmed something; of somebody who is gone there is none.
    public let names: [UserID: String]
    /// Whether this person may change types and confirm them.
    public let canCorrect: Bool
    /// Whether types are kept from this person until they have signed.
    public let isHidden: Bool
    /// This person's last act that was not taken back.
    public let undoable: CellActID?

    public var cells: [SmearCell] { entries.flatMap(\.cells) }
    public var count: DifferentialCount { DifferentialCount(cells) }

    /// Images that were screened when no cells were kept, though some had been found.
    public var withoutCells: Int {
        entries.count { $0.cells.isEmpty && ($0.screening.outcome?.cells?.found ?? 0) > 0 }
    }

    /// Images with cells that the network would not answer, such as those of a stain that it does not know.
    public var declined: Int { entries.count { !$0.cells.isEmpty && $0.screening.finding?.decision == .rejected } }

    /// The models that found these cells.
    public var models: [ScreeningOutcome.Model] {
        var models: [ScreeningOutcome.Model] = []
        for model in entries.compactMap(\.screening.outcome?.model) where !models.contains(model) {
            models.append(model)
        }
        return models
    }

    /// Who stands for the count; empty while it is preliminary, which it is as long as one image with cells is not
    /// confirmed or one waits for its answer.
    public var confirmations: [CellConfirmation] {
        let counted = entries.filter { !$0.cells.isEmpty }
        let confirmed = counted.compactMap(\.confirmation)
        return pending == 0 && withoutCells == 0 && confirmed.count == counted.count ? confirmed : []
    }

    public var isPreliminary: Bool { confirmations.isEmpty }

    /// What a reader had before them: the same for the same cells of the same types.
    public var digest: String {
        var hash = SHA256()
        for cell in cells { hash.update(data: Data("\(cell.key.text)=\(cell.type.rawValue);".utf8)) }
        return String(hash.finalize().hexadecimal.prefix(16))
    }
}

extension CellGallery {
    /// What may be seen of a scope.
    static func screenings(
        of scope: Scope, for user: User, in transaction: any CaseReadingRows
    ) throws -> (caseID: CaseID, all: [ScreeningRecord], chosen: [ScreeningRecord]) {
        switch scope {
        case .image(let id):
            let screening = try ScreeningAccess.readable(id, by: user, in: transaction)
            return (screening.caseID, [screening], [screening])
        case .smearCase(let id, let chosen):
            guard let smearCase = try transaction.smearCase(id) else { throw CaseAccess.missing }
            var all = try transaction.screenings(of: id)
            if smearCase.ownerID != user.id && user.role != .administrator {
                guard user.role == .clinician else { throw CaseAccess.missing }
                all = try all.filter { try transaction.isShared($0.id, with: user.id) }
                guard !all.isEmpty else { throw CaseAccess.missing }
            }
            let some = chosen.isEmpty ? all : all.filter { chosen.contains($0.id) }
            guard chosen.isEmpty || some.count == chosen.count else { throw CaseAccess.missing }
            return (id, all, some)
        }
    }

    /// - Parameters:
    ///   - isBlind: Whether this browser asked that answers be hidden until its reader has signed; what the reader chose elsewhere
    ///     counts too.
    ///   - isHeld: Whether the cells are locked until the commit.
    /// - Throws: `ClinicError.notFound` for somebody who may not know of it.
    init(
        of scope: Scope, for user: User, isBlind: Bool = false, isHeld: Bool = false,
        in transaction: any CaseReadingRows & CellRows & AuditRows
    ) throws {
        let (caseID, all, chosen) = try Self.screenings(of: scope, for: user, in: transaction)
        guard let smearCase = try transaction.smearCase(caseID) else { throw CaseAccess.missing }
        let isOwner = smearCase.ownerID == user.id
        let ids = chosen.filter { $0.state == .done }.map(\.id)
        let cells = Dictionary(grouping: try transaction.cells(of: ids, isHeld: isHeld), by: \.screeningID)
        let confirmations = Dictionary(
            try transaction.cellConfirmations(of: ids).map { ($0.screeningID, $0) }, uniquingKeysWith: { $1 })
        let images = Dictionary(
            try transaction.images(of: caseID).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        self.caseID = caseID
        self.smearCase = isOwner || user.role == .administrator ? smearCase : nil
        entries = chosen.compactMap { screening in
            guard screening.state == .done, let image = images[screening.imageID] else { return nil }
            return Entry(
                image: image, screening: screening, cells: cells[screening.id] ?? [],
                confirmation: confirmations[screening.id])
        }
        available = all.compactMap { screening in images[screening.imageID].map { (screening.id, $0.number) } }
        pending = chosen.count { [.queued, .running].contains($0.state) }
        changes = try transaction.cellChanges(of: ids)
        canCorrect =
            try user.role == .clinician && !ids.isEmpty
            && ids.allSatisfy { try transaction.isShared($0, with: user.id) }
        let place: BlindReading.Place = if case .image(let id) = scope { .image(id) } else { .smearCase(caseID) }
        isHidden =
            try user.role == .clinician && !isOwner
            && ids.contains { try !BlindReading.hasSigned($0, user.id, in: transaction) }
            && (isBlind || BlindReading.isOn(for: user.id, at: [place, .smearCase(caseID)], in: transaction))
        undoable = Self.undoable(by: user.id, among: changes, of: cells.values.flatMap(\.self))
        names = try Self.names(of: changes.map(\.userID) + confirmations.values.map(\.userID), in: transaction)
    }

    /// For a clinician with whom all of it is shared; they alone change types.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else; `.hidden` where types are kept from them.
    init(
        of scope: Scope, correctedBy user: User, isHeld: Bool = false,
        in transaction: any CaseReadingRows & CellRows & AuditRows
    ) throws {
        self = try CellGallery(of: scope, for: user, isHeld: isHeld, in: transaction)
        guard canCorrect else { throw CaseAccess.missing }
        // Whether a cell is of a type would show by moving it there.
        guard !isHidden else { throw ClinicError(.hidden, "errors.cells.hidden") }
    }

    /// The last act of a person that takes nothing back, was not taken back itself, and of which something still stands.
    static func undoable(by user: UserID, among changes: [CellChange], of cells: [SmearCell]) -> CellActID? {
        let own = changes.filter { $0.userID == user }
        let undone = Set(own.compactMap(\.undoes))
        let types = Dictionary(cells.map { ($0.key, $0.type) }, uniquingKeysWith: { $1 })
        let left = own.filter { change in
            guard change.undoes == nil, !undone.contains(change.act), let number = change.number else { return false }
            return types[CellKey(change.screeningID, number)] == change.to
        }
        // Image by image, each oldest first: of acts over several images the newest moment counts.
        return left.max { ($0.at, $0.act.text) < ($1.at, $1.act.text) }?.act
    }

    private static func names(
        of users: [UserID], in transaction: any DoctorRows & UserRows
    ) throws -> [UserID: String] {
        var names: [UserID: String] = [:]
        for user in Set(users) {
            names[user] = try transaction.doctor(of: user)?.name ?? transaction.user(user)?.name
        }
        return names
    }
}
