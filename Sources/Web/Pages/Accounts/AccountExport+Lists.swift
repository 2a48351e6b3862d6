import Clinic
import Findings
import Foundation

/// What a person shares, visits, writes and signs, and what doctors signed in their images, in an export.
extension AccountExport {
    private struct Share: Encodable {
        let screening: ScreeningID
        let sharedWith: String
        let sharedAt: Date
        let allowsTraining: Bool
    }

    private struct Visit: Encodable {
        let appointment: Appointment
        let doctor: String
        let clinic: ClinicAddress?
    }

    /// A doctor's signed reading of one of the person's images.
    struct SignedOfImage: Encodable {
        let screening: ScreeningID
        let reader: String
        /// Empty where the image cannot be read.
        let label: ReaderLabel
        let comment: String
        let revision: Int
        let signedAt: Date?
        let networkLabel: SmearClass
        let networkDecision: Decision
        let readBlind: Bool

        init(_ reading: Reading, by reader: String) {
            screening = reading.screeningID
            self.reader = reader
            label = reading.label
            comment = reading.comment
            revision = reading.revision
            signedAt = reading.signedAt
            networkLabel = reading.networkLabel
            networkDecision = reading.networkDecision
            readBlind = reading.isBlind
        }
    }

    /// - Returns: One file of each kind of which there is something to tell.
    func lists() async throws -> [(name: String, json: [UInt8])] {
        var files: [(name: String, json: [UInt8])] = []
        func add(_ rows: [some Encodable], as name: String) throws {
            if !rows.isEmpty { files.append((name, try Self.json(rows))) }
        }
        let shares = try await records.shares().map { share, name in
            Share(
                screening: share.screeningID, sharedWith: name, sharedAt: share.sharedAt,
                allowsTraining: share.allowsTraining)
        }
        try add(shares, as: "shares.json")
        try await add(records.readings(), as: "readings.json")
        try await add(records.caseReadings(), as: "case-readings.json")
        let visits = try await records.appointments().map { appointment, doctor in
            Visit(appointment: appointment, doctor: doctor?.name ?? "", clinic: doctor?.clinic)
        }
        try add(visits, as: "appointments.json")
        try await add(records.reviews(), as: "reviews.json")
        return files
    }
}
