import Findings
import Foundation

/// What people and programs do with the cells of screened images: look, move them to other types, take that back, stand
/// for the count.
///
/// Owner, administrator and the clinicians with whom a screening is shared see cells; those clinicians alone change them.
/// Pages and the API come in here both, so that they leave the same entries in the audit log.
public struct CellReview: Sendable {
    /// Cells that one act may move.
    public static let maximumAtOnce = 1500

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// The cells of a scope, written down.
    ///
    /// - Parameter isBlind: Whether the person asked that answers be hidden until they have signed.
    /// - Throws: `ClinicError.notFound` for somebody who may not know of it.
    public func gallery(
        of scope: CellGallery.Scope, for reader: Principal, isBlind: Bool = false
    ) async throws -> CellGallery {
        let now = clock()
        return try await database.write { transaction in
            let gallery = try CellGallery(of: scope, for: reader.user, isBlind: isBlind, in: transaction)
            // Without cells there is nothing that could tell an answer.
            let shown: AuditAction.Answer = gallery.isHidden || gallery.cells.isEmpty ? .hidden : .shown
            let object =
                switch scope {
                case .image(let id): id.text
                case .smearCase(let id, _): id.text
                }
            try transaction.append(AuditEntry(.cellRead(shown), by: reader.actor, object: object, at: now))
            return gallery
        }
    }

    /// The cells of an image for its report, whose own entry in the audit log tells what was shown.
    ///
    /// - Throws: `ClinicError.notFound` for somebody who may not know of it.
    public func galleryOfReport(of id: ScreeningID, for reader: Principal) async throws -> CellGallery {
        try await database.read { try CellGallery(of: .image(id), for: reader.user, in: $0) }
    }

    /// As `galleryOfReport(of:for:)`, of a whole case.
    public func galleryOfReport(of id: CaseID, for reader: User) async throws -> CellGallery {
        try await database.read { try CellGallery(of: .smearCase(id, chosen: []), for: reader, in: $0) }
    }

    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom all images of the scope are shared.
    public func requireReader(_ reader: Principal, of scope: CellGallery.Scope) async throws {
        _ = try await database.read { try CellGallery(of: scope, correctedBy: reader.user, in: $0) }
    }

    /// Moves cells to another type. Those that are of it already stay as they are.
    ///
    /// - Parameters:
    ///   - keys: Cells of the scope.
    ///   - type: Any type.
    /// - Returns: The cells afterwards, and the act; nil where nothing was to be changed.
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom all these screenings are shared, and for
    ///   a cell that is not there; `.invalid` with field `cell` for none or too many.
    public func move(
        _ keys: [CellKey], to type: CellType, in scope: CellGallery.Scope, by reader: Principal
    ) async throws -> (gallery: CellGallery, act: CellActID?) {
        guard !keys.isEmpty else { throw ClinicError(.invalid, "errors.cells.none", field: "cell") }
        guard keys.count <= Self.maximumAtOnce else {
            throw ClinicError(
                .invalid, "errors.cells.tooMany", ["count": keys.count, "maximum": Self.maximumAtOnce], field: "cell")
        }
        let (now, act) = (clock(), CellActID())
        return try await database.write { transaction in
            let gallery = try CellGallery(of: scope, correctedBy: reader.user, isHeld: true, in: transaction)
            let cells = Dictionary(gallery.cells.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
            let changes = try Set(keys).compactMap { key -> CellChange? in
                guard let cell = cells[key] else { throw CaseAccess.missing }
                guard cell.type != type else { return nil }
                return Self.change(cell, to: type, act: act, by: reader.userID, at: now)
            }
            try Self.write(changes, .correct, "act=\(act) to=\(type.rawValue)", by: reader, now, in: transaction)
            if !changes.isEmpty { try transaction.noteNews(of: gallery.caseID, at: now) }
            let after = try CellGallery(of: scope, for: reader.user, in: transaction)
            return (after, changes.isEmpty ? nil : act)
        }
    }

    /// Takes back the last act of a reader in a scope. A cell that was changed again since stays as it is.
    ///
    /// - Throws: `ClinicError.notFound` as `move`; `.invalid` where there is nothing to take back.
    public func undo(in scope: CellGallery.Scope, by reader: Principal) async throws -> CellGallery {
        let (now, act) = (clock(), CellActID())
        return try await database.write { transaction in
            let gallery = try CellGallery(of: scope, correctedBy: reader.user, isHeld: true, in: transaction)
            guard let undone = gallery.undoable else { throw ClinicError(.invalid, "errors.cells.nothingToUndo") }
            let cells = Dictionary(gallery.cells.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
            let changes = gallery.changes.filter { $0.act == undone }.compactMap { change -> CellChange? in
                guard let cell = change.number.flatMap({ cells[CellKey(change.screeningID, $0)] }),
                    cell.type == change.to
                else { return nil }
                return Self.change(cell, to: change.from, act: act, by: reader.userID, at: now, undoes: undone)
            }
            try Self.write(changes, .undo, "act=\(act) undoes=\(undone)", by: reader, now, in: transaction)
            if !changes.isEmpty { try transaction.noteNews(of: gallery.caseID, at: now) }
            return try CellGallery(of: scope, for: reader.user, in: transaction)
        }
    }

    /// A reader stands for the types of all cells of a scope: its count is no longer preliminary.
    ///
    /// - Parameter digest: Of what the reader had before them.
    /// - Throws: `ClinicError.notFound` as `move`; `.duplicate` with field `digest` where the cells are others by now;
    ///   `.invalid` where there are none, or images wait for their answer.
    public func confirm(
        _ scope: CellGallery.Scope, digest: String, by reader: Principal
    ) async throws -> CellGallery {
        let now = clock()
        return try await database.write { transaction in
            let gallery = try CellGallery(of: scope, correctedBy: reader.user, isHeld: true, in: transaction)
            guard gallery.pending == 0, !gallery.cells.isEmpty else {
                throw ClinicError(.invalid, "errors.cells.nothingToConfirm")
            }
            guard gallery.digest == digest else {
                throw ClinicError(.duplicate, "errors.cells.changedMeanwhile", field: "digest")
            }
            for entry in gallery.entries where !entry.cells.isEmpty {
                let id = entry.screening.id
                try transaction.confirm(CellConfirmation(screeningID: id, userID: reader.userID, at: now))
                try transaction.append(
                    AuditEntry(
                        .cell(.confirm), by: reader.actor, object: id.text,
                        detail: "cells=\(entry.cells.count) digest=\(digest)", at: now))
            }
            try transaction.noteNews(of: gallery.caseID, at: now)
            return try CellGallery(of: scope, for: reader.user, in: transaction)
        }
    }

    /// How often the network and readers said what of the same cell.
    public func agreement(by actor: AuditEntry.Actor) async throws -> [CellAgreementCount] {
        let now = clock()
        return try await database.write { transaction in
            try transaction.append(AuditEntry(.cell(.statistics), by: actor, at: now))
            return try transaction.cellAgreement()
        }
    }

    private static func change(
        _ cell: SmearCell, to type: CellType, act: CellActID, by user: UserID, at now: Date, undoes: CellActID? = nil
    ) -> CellChange {
        CellChange(
            act: act, screeningID: cell.screeningID, number: cell.network.number, box: cell.network.box, userID: user,
            at: now, networkType: cell.network.type, from: cell.type, to: type, undoes: undoes)
    }

    /// Changes with an entry for each image.
    private static func write(
        _ changes: [CellChange], _ action: AuditAction.CellAct, _ detail: String, by reader: Principal, _ now: Date,
        in transaction: any CellRows & AuditRows
    ) throws {
        let sorted = changes.sorted { ($0.screeningID.text, $0.number ?? 0) < ($1.screeningID.text, $1.number ?? 0) }
        try transaction.insert(sorted)
        for (screening, own) in Dictionary(grouping: sorted, by: \.screeningID).sorted(by: { $0.key.text < $1.key.text }
        ) {
            try transaction.append(
                AuditEntry(
                    .cell(action), by: reader.actor, object: screening.text, detail: "\(detail) cells=\(own.count)",
                    at: now))
        }
    }
}
