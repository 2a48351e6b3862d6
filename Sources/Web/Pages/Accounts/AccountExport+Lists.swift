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

    /// A whole slide; its file is as the person sent it, and not in the export.
    private struct WholeSlide: Encodable {
        let id: SlideID
        let smearCase: CaseID
        let name: String
        let byteCount: Int
        let state: CaseSlide.State
        let width: Int?
        let height: Int?
        let micrometresPerPixel: Double?
        let createdAt: Date
    }

    private struct Visit: Encodable {
        let appointment: Appointment
        let doctor: String
        let clinic: ClinicAddress?
    }

    /// What was answered to which notice, with its words.
    private struct Answered: Encodable {
        let answer: Consent.Answer
        let version: String
        let answeredAt: Date
        /// For whom, as in `people.json`; nil for oneself.
        let inCare: DependentID?
        let language: String
        let words: String

        init(_ consent: Consent) {
            (answer, version, answeredAt) = (consent.answer, consent.version, consent.at)
            (inCare, language, words) = (consent.dependentID, consent.text.language, consent.text.words)
        }
    }

    /// A doctor's signed reading of one of the person's images.
    struct SignedOfImage: Encodable {
        let screening: ScreeningID
        let reader: String
        /// Empty where the image cannot be read.
        let label: ReaderLabel
        let findings: [SmearFinding]
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
            findings = reading.findings
            comment = reading.comment
            revision = reading.revision
            signedAt = reading.signedAt
            networkLabel = reading.networkLabel
            networkDecision = reading.networkDecision
            readBlind = reading.isBlind
        }
    }

    /// A reading that the person wrote. What the network said stands with it once it is signed: until then it may be hidden from them.
    private struct Written: Encodable {
        let id: ReadingID
        let screeningID: ScreeningID
        let readerID: UserID
        let revision: Int
        let label: ReaderLabel
        let comment: String
        let networkLabel: SmearClass?
        let networkDecision: Decision?
        let modelName: String
        let modelVersion: String
        let isBlind: Bool
        let isSettled: Bool
        let signedAt: Date?
        let createdAt: Date
        let updatedAt: Date

        init(_ reading: Reading) {
            let isSigned = reading.signedAt != nil
            (id, screeningID, readerID) = (reading.id, reading.screeningID, reading.readerID)
            (revision, label, comment) = (reading.revision, reading.label, reading.comment)
            networkLabel = isSigned ? reading.networkLabel : nil
            networkDecision = isSigned ? reading.networkDecision : nil
            (modelName, modelVersion) = (reading.modelName, reading.modelVersion)
            (isBlind, isSettled, signedAt) = (reading.isBlind, reading.isSettled, reading.signedAt)
            (createdAt, updatedAt) = (reading.createdAt, reading.updatedAt)
        }
    }

    /// - Returns: One file of each kind of which there is something to tell.
    func lists() async throws -> [(name: String, json: [UInt8])] {
        var files: [(name: String, json: [UInt8])] = []
        func add(_ rows: [some Encodable], as name: String) throws {
            if !rows.isEmpty { files.append((name, try Self.json(rows))) }
        }
        try await add(
            records.slides().map {
                WholeSlide(
                    id: $0.id, smearCase: $0.caseID, name: $0.name, byteCount: $0.byteCount, state: $0.state,
                    width: $0.width, height: $0.height, micrometresPerPixel: $0.micrometresPerPixel,
                    createdAt: $0.createdAt)
            }, as: "slides.json")
        let shares = try await records.shares().map { share, name in
            Share(
                screening: share.screeningID, sharedWith: name, sharedAt: share.sharedAt,
                allowsTraining: share.allowsTraining)
        }
        try add(shares, as: "shares.json")
        try await add(records.readings().map(Written.init), as: "readings.json")
        try await add(records.caseReadings(), as: "case-readings.json")
        let visits = try await records.appointments().map { appointment, doctor in
            Visit(appointment: appointment, doctor: doctor?.name ?? "", clinic: doctor?.clinic)
        }
        try add(visits, as: "appointments.json")
        try await add(records.reviews(), as: "reviews.json")
        try await add(records.dependents(), as: "people.json")
        try await add(records.consents().map(Answered.init), as: "consents.json")
        return files
    }
}
