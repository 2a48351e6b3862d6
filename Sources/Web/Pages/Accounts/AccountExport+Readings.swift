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
    }

    /// - Returns: `shares.json` and `readings.json`, each only where there is something to tell.
    func sharesAndReadings(of user: User) async throws -> [(name: String, json: [UInt8])] {
        var files: [(name: String, json: [UInt8])] = []
        let shares = try await database.read { transaction in
            try transaction.shares(by: user.id, limit: Self.maximumShares).map { share in
                Share(
                    screening: share.screeningID, sharedWith: try Self.name(of: share.userID, in: transaction),
                    sharedAt: share.sharedAt, allowsTraining: share.allowsTraining)
            }
        }
        if !shares.isEmpty { files.append(("shares.json", try Self.json(shares))) }
        let own = try await ownReadings(of: user)
        if !own.isEmpty { files.append(("readings.json", try Self.json(own))) }
        return files
    }

    /// Signed readings of a case, every revision.
    static func signedReadings(
        of smearCase: CaseID, in transaction: any ClinicTransaction
    ) throws -> [SignedOfImage] {
        try transaction.readings(ofCase: smearCase).filter { $0.signedAt != nil }.map { reading in
            SignedOfImage(
                screening: reading.screeningID, reader: try name(of: reading.readerID, in: transaction),
                label: reading.label, comment: reading.comment, revision: reading.revision,
                signedAt: reading.signedAt, networkLabel: reading.networkLabel,
                networkDecision: reading.networkDecision, readBlind: reading.isBlind)
        }
    }

    private static let maximumShares = 1_000_000

    /// Drafts too: they are the person's own words.
    private func ownReadings(of user: User) async throws -> [Reading] {
        var readings: [Reading] = []
        let size = 500
        while true {
            let last = readings.last?.id
            let page = try await database.read { try $0.readings(by: user.id, after: last, limit: size) }
            readings += page
            guard page.count == size else { return readings }
        }
    }

    private static func name(of user: UserID, in transaction: any ClinicTransaction) throws -> String {
        try transaction.doctor(of: user)?.name ?? transaction.user(user)?.name ?? ""
    }
}
