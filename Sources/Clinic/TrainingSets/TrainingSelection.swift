import Findings
import Foundation

/// Signed readings that may become labels of a training set: all doctors agree, the image can be read, and the patient
/// allowed it for a share that still stands.
public struct TrainingSelection: Sendable {
    /// An image with the class that every reader gave it.
    public struct Labelled: Sendable {
        public let screeningID: ScreeningID
        public let patientID: UserID
        public let image: CaseImage
        public let label: SmearClass
        /// Signed readings that count.
        public let readers: Int
        /// What the network had said when the first of them was signed.
        public let networkLabel: SmearClass
        public let networkDecision: Decision
    }

    /// An image whose readers contradict each other.
    public struct Disputed: Sendable {
        public let screeningID: ScreeningID
        public let image: CaseImage
        /// What was given, in the order of the keys.
        public let labels: [ReaderLabel]
    }

    /// An image whose cells a reader stands for, with those that have a type.
    public struct LabelledCells: Sendable {
        public let screeningID: ScreeningID
        public let patientID: UserID
        public let image: CaseImage
        /// Diameter of a red cell, in pixels of the upright original.
        public let redCellPixels: Double
        /// The model that found them.
        public let model: ScreeningOutcome.Model
        public let cells: [SmearCell]
    }

    /// In the order of patients, cases and images, so that the same readings give the same files.
    public private(set) var labelled: [Labelled] = []
    /// Likewise.
    public private(set) var cells: [LabelledCells] = []
    public private(set) var disputed: [Disputed] = []
    /// Images that every reader found unreadable.
    public private(set) var unreadable = 0
    /// Images in which every reader saw the same, and none of the four classes.
    public private(set) var otherKinds = 0
    /// Images that were read, and whose patients did not allow this.
    public private(set) var withoutConsent = 0

    /// What is needed of a reading.
    private struct Vote {
        let reader: UserID
        let label: ReaderLabel
        let networkLabel: SmearClass
        let networkDecision: Decision
    }

    /// Chooses, and writes each chosen screening into the audit log.
    ///
    /// Consent belongs to a share: it counts while the screening is shared with a doctor who signed a reading, and ends
    /// when the patient withdraws that share. A doctor from whom the screening was withdrawn still counts as a voice
    /// against.
    ///
    /// - Parameter now: When the choice is made.
    public init(
        by actor: AuditEntry.Actor, now: Date,
        in transaction: any ReadingRows & ScreeningRows & CaseRows & CellRows & AuditRows
    ) throws {
        cells = try Self.confirmedCells(in: transaction)
        for (screening, votes) in try Self.votes(in: transaction) {
            let shares = try transaction.shares(of: screening)
            let allowing = Set(shares.filter(\.allowsTraining).map(\.userID))
            guard votes.contains(where: { allowing.contains($0.reader) }) else {
                withoutConsent += 1
                continue
            }
            guard let record = try transaction.screening(screening),
                let image = try transaction.image(record.imageID),
                let owner = try transaction.smearCase(record.caseID)?.ownerID
            else { continue }
            let labels = Set(votes.map(\.label))
            if labels.count > 1 {
                disputed.append(
                    .init(screeningID: screening, image: image, labels: labels.sorted { $0.rawValue < $1.rawValue }))
            } else if let vote = votes.first, let label = vote.label.smearClass {
                labelled.append(
                    .init(
                        screeningID: screening, patientID: owner, image: image, label: label,
                        readers: votes.count, networkLabel: vote.networkLabel, networkDecision: vote.networkDecision))
            } else if labels == [.unreadable] {
                unreadable += 1
            } else {
                otherKinds += 1
            }
        }
        labelled.sort { Self.precedes(($0.patientID, $0.image), ($1.patientID, $1.image)) }
        disputed.sort { $0.screeningID.text < $1.screeningID.text }
        try note(by: actor, now: now, in: transaction)
    }

    /// The cells of images that a reader confirmed whose patient allowed it for a share with that reader that stands.
    private static func confirmedCells(
        in transaction: any ReadingRows & ScreeningRows & CaseRows & CellRows
    ) throws -> [LabelledCells] {
        let confirmations = try transaction.cellConfirmations()
        let chosen = try confirmations.compactMap { confirmation -> LabelledCells? in
            let shares = try transaction.shares(of: confirmation.screeningID)
            guard shares.contains(where: { $0.allowsTraining && $0.userID == confirmation.userID }),
                let record = try transaction.screening(confirmation.screeningID),
                let outcome = record.outcome, let scale = outcome.cells?.scale,
                let image = try transaction.image(record.imageID),
                let owner = try transaction.smearCase(record.caseID)?.ownerID
            else { return nil }
            let cells = try transaction.cells(of: [confirmation.screeningID], isHeld: false).filter {
                $0.type != .unsure
            }
            return LabelledCells(
                screeningID: confirmation.screeningID, patientID: owner, image: image,
                redCellPixels: scale.redCellPixels, model: outcome.model, cells: cells)
        }
        return chosen.filter { !$0.cells.isEmpty }.sorted {
            precedes(($0.patientID, $0.image), ($1.patientID, $1.image))
        }
    }

    private static func votes(in transaction: any ReadingRows) throws -> [ScreeningID: [Vote]] {
        var votes: [ScreeningID: [Vote]] = [:]
        var last: ReadingID?
        let size = 500
        while true {
            let page = try transaction.signedReadings(after: last, limit: size)
            for reading in page {
                votes[reading.screeningID, default: []].append(
                    Vote(
                        reader: reading.readerID, label: reading.label, networkLabel: reading.networkLabel,
                        networkDecision: reading.networkDecision))
            }
            guard page.count == size, let end = page.last?.id else { return votes }
            last = end
        }
    }

    private static func precedes(_ first: (UserID, CaseImage), _ second: (UserID, CaseImage)) -> Bool {
        (first.0.text, first.1.caseID.text, first.1.number) < (second.0.text, second.1.caseID.text, second.1.number)
    }

    private func note(by actor: AuditEntry.Actor, now: Date, in transaction: any AuditRows) throws {
        let exported = labelled.map(\.screeningID) + cells.map(\.screeningID)
        for screening in Set(exported).sorted(by: { $0.text < $1.text }) {
            try transaction.append(AuditEntry(.reading(.export), by: actor, object: screening.text, at: now))
        }
        try transaction.append(
            AuditEntry(
                .reading(.export), by: actor,
                detail: "images=\(labelled.count) disputed=\(disputed.count) unreadable=\(unreadable) "
                    + "otherKinds=\(otherKinds) withoutConsent=\(withoutConsent) "
                    + "cells=\(cells.reduce(0) { $0 + $1.cells.count })", at: now))
    }
}
