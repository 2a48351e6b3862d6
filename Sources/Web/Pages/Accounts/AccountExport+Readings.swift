import Clinic
import Findings
import Foundation

/// What a person shares, what doctors signed in their images, and what they signed themselves, in an export.
extension AccountExport {
    private struct Share: Encodable {
        let screening: ScreeningID
        let sharedWith: String
        let sharedAt: Date
        let allowsTraining: Bool
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

    /// - Returns: `shares.json` and `readings.json`, each only where there is something to tell.
    func sharesAndReadings() async throws -> [(name: String, json: [UInt8])] {
        var files: [(name: String, json: [UInt8])] = []
        let shares = try await records.shares().map { share, name in
            Share(
                screening: share.screeningID, sharedWith: name, sharedAt: share.sharedAt,
                allowsTraining: share.allowsTraining)
        }
        if !shares.isEmpty { files.append(("shares.json", try Self.json(shares))) }
        let own = try await records.readings()
        if !own.isEmpty { files.append(("readings.json", try Self.json(own))) }
        return files
    }
}
