import Findings
import Foundation

/// A doctor's signed reading of a whole case as others are shown it.
public struct SignedCaseReading: Sendable, Equatable {
    public let reading: CaseReading
    /// As the directory has it, else as the account has it.
    public let readerName: String
    /// Empty where the directory has no entry.
    public let qualifications: String
    public let signedAt: Date
    /// Earlier revisions of the same reader, newest first.
    public let earlier: [CaseReading]

    /// The last signed revision of each reader, the newest signature first; settled ones too, which no longer count.
    public static func all(
        of readings: [CaseReading], in transaction: any DoctorRows & UserRows
    ) throws -> [SignedCaseReading] {
        let signed = readings.filter { $0.signedAt != nil }
        return try Dictionary(grouping: signed, by: \.readerID).values.compactMap { own -> SignedCaseReading? in
            let sorted = own.sorted { $0.revision > $1.revision }
            guard let current = sorted.first, let signedAt = current.signedAt else { return nil }
            let doctor = try transaction.doctor(of: current.readerID)
            let name = try doctor?.name ?? transaction.user(current.readerID)?.name ?? ""
            return SignedCaseReading(
                reading: current, readerName: name, qualifications: doctor?.qualifications ?? "", signedAt: signedAt,
                earlier: Array(sorted.dropFirst()))
        }.sorted { ($1.signedAt, $0.reading.id.text) < ($0.signedAt, $1.reading.id.text) }
    }
}
