import Findings
import Foundation

/// A doctor's signed reading as others are shown it.
public struct SignedReading: Sendable, Equatable {
    /// How a reading stands to what the network had said.
    public enum Agreement: String, Sendable, CaseIterable {
        /// Both name the same class.
        case agrees
        /// Each names another class.
        case differs
        /// The network named no class, the reader did.
        case networkSilent
        /// The reader found the image unreadable.
        case unreadable
        /// The reader names what the network has no class for.
        case otherKind
    }

    public let reading: Reading
    /// As the directory has it, else as the account has it.
    public let readerName: String
    /// Empty where the directory has no entry.
    public let qualifications: String
    /// When it was signed.
    public let signedAt: Date
    /// Earlier revisions of the same reader, newest first.
    public let earlier: [Reading]

    public var agreement: Agreement {
        guard let read = reading.label.smearClass else {
            return reading.label == .unreadable ? .unreadable : .otherKind
        }
        guard reading.networkDecision == .report else { return .networkSilent }
        return read == reading.networkLabel ? .agrees : .differs
    }

    /// The readings that count, one of each reader, the newest signature first.
    ///
    /// - Parameters:
    ///   - readings: Of one screening, drafts too.
    ///   - user: Who looks: a clinician with whom it is shared sees only their own, so that each reads independently.
    ///   - owner: Whose case it is.
    public static func shown(
        of readings: [Reading], to user: User, owner: UserID, in transaction: any DoctorRows & UserRows
    ) throws -> [SignedReading] {
        let seesAll = user.id == owner || user.role == .administrator
        return try all(of: seesAll ? readings : readings.filter { $0.readerID == user.id }, in: transaction)
    }

    /// The readings that count, for somebody who may see them all.
    public static func all(
        of readings: [Reading], in transaction: any DoctorRows & UserRows
    ) throws -> [SignedReading] {
        let signed = readings.filter { $0.signedAt != nil }
        return try Dictionary(grouping: signed, by: \.readerID).values.compactMap { own -> SignedReading? in
            let sorted = own.sorted { $0.revision > $1.revision }
            guard let current = sorted.first, let signedAt = current.signedAt else { return nil }
            let doctor = try transaction.doctor(of: current.readerID)
            let name = try doctor?.name ?? transaction.user(current.readerID)?.name ?? ""
            return SignedReading(
                reading: current, readerName: name, qualifications: doctor?.qualifications ?? "", signedAt: signedAt,
                earlier: Array(sorted.dropFirst()))
        }.sorted { ($1.signedAt, $0.reading.id.text) < ($0.signedAt, $1.reading.id.text) }
    }
}
