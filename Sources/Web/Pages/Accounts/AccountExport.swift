import Clinic
import Formats
import Foundation
import Screening
import Wording

/// Everything that is kept about a person as a ZIP archive, written while it is read: one case and one image at a time.
struct AccountExport: Sendable {
    let records: AccountRecords
    let archive: any ImageArchive
    /// The words of reasons.
    let text: TextCatalogue

    private struct Profile: Encodable {
        let email: String
        let name: String
        let role: Role
        let place: UserPlace?
        /// The language that was chosen for pages and letters.
        let language: String?
        let createdAt: Date
        let hasSecondFactor: Bool
        let apiTokens: [Token]
    }

    private struct Token: Encodable {
        let label: String
        let scopes: [String]
        let createdAt: Date
        let expiresAt: Date
        let lastUsedAt: Date?
        let revokedAt: Date?
    }

    private struct Case: Encodable {
        let id: CaseID
        let title: String
        let note: String
        let createdAt: Date
        let updatedAt: Date
        let images: [CaseImage]
        /// The person in care whose case it is, as in `people.json`; nil for one's own.
        let inCare: DependentID?
        /// Whose sample it is; nil where nothing is known.
        let person: Person?
        /// What other systems asked for.
        let requests: [LabRequest]
        /// With whom it is shared whole.
        let sharedWith: [SharedWhole]
    }

    private struct SharedWhole: Encodable {
        let name: String
        let sharedAt: Date
        let includesNew: Bool
        let told: [String]
        let allowsTraining: Bool
    }

    /// A doctor's signed reading of the whole case.
    private struct SignedOfCase: Encodable {
        let reader: String
        let reading: CaseReading
    }

    private struct Practice: Encodable {
        struct Paper: Encodable {
            let name, contentType: String
            let byteCount: Int
            let createdAt: Date
        }

        let entry: Doctor
        let documents: [Paper]
    }

    /// Writes the archive.
    ///
    /// - Parameter write: Takes the next bytes.
    /// - Throws: `ClinicError`, `EncodingError`, and what `write` throws.
    func write(to write: ([UInt8]) async throws -> Void) async throws {
        var zip = ZipWriter(date: Date())
        try await write(zip.file(try await profile(), named: "profile.json"))
        for (name, json) in try await lists() { try await write(zip.file(json, named: name)) }
        try await addPractice(to: &zip, write)
        var (last, number): (SmearCase?, Int) = (nil, 0)
        while true {
            let page = try await records.cases(after: last)
            guard !page.isEmpty else { break }
            for smearCase in page {
                number += 1
                try await add(smearCase, folder: "cases/\(number)", to: &zip, write)
            }
            last = page.last
        }
        try await write(zip.end())
    }

    private func profile() async throws -> [UInt8] {
        let user = records.user
        let tokens = try await records.tokens().map { token in
            Token(
                label: token.label, scopes: token.scopes.map(\.rawValue).sorted(), createdAt: token.createdAt,
                expiresAt: token.expiresAt, lastUsedAt: token.lastUsedAt, revokedAt: token.revokedAt)
        }
        return try Self.json(
            Profile(
                email: user.email, name: user.name, role: user.role, place: user.place, language: user.language,
                createdAt: user.createdAt, hasSecondFactor: user.totpSecret != nil, apiTokens: tokens))
    }

    private func add(
        _ key: String, as name: String, to zip: inout ZipWriter, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        do {
            try await write(zip.file(try await archive.bytes(at: key), named: name))
        } catch let error as ClinicError where error.code == .notFound {
            return  // deleted since the rows were read
        }
    }

    /// The person's entry in the directory with its papers and portrait, where there is one.
    private func addPractice(to zip: inout ZipWriter, _ write: ([UInt8]) async throws -> Void) async throws {
        guard let (doctor, documents) = try await records.practice() else { return }
        let papers = documents.map {
            Practice.Paper(name: $0.name, contentType: $0.contentType, byteCount: $0.byteCount, createdAt: $0.createdAt)
        }
        let entry = try Self.json(Practice(entry: doctor, documents: papers))
        try await write(zip.file(entry, named: "practice/entry.json"))
        for (number, document) in documents.enumerated() {
            let name = "practice/document-\(number + 1)-\(document.name)"
            try await add(document.archiveKey, as: name, to: &zip, write)
        }
        if let key = doctor.photoKey { try await add(key, as: "practice/portrait.jpg", to: &zip, write) }
    }

    private func add(
        _ smearCase: SmearCase, folder: String, to zip: inout ZipWriter, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        let (images, screenings, signed) = try await records.contents(of: smearCase)
        let readings = signed.map { SignedOfImage($0.reading, by: $0.name) }
        let whole = try await records.wholeCase(smearCase.id)
        let description = Case(
            id: smearCase.id, title: smearCase.title, note: smearCase.note, createdAt: smearCase.createdAt,
            updatedAt: smearCase.updatedAt, images: images, inCare: smearCase.dependentID, person: whole.person,
            requests: try await records.requests(of: smearCase),
            sharedWith: whole.shares.map { share, name in
                SharedWhole(
                    name: name, sharedAt: share.sharedAt, includesNew: share.includesNew,
                    told: share.told.map(\.rawValue).sorted(), allowsTraining: share.allowsTraining)
            })
        try await write(zip.file(try Self.json(description), named: "\(folder)/case.json"))
        if !readings.isEmpty { try await write(zip.file(try Self.json(readings), named: "\(folder)/readings.json")) }
        let (cells, changes) = try await records.cells(of: screenings.map(\.id))
        if !cells.isEmpty {
            try await write(zip.file(try Self.json(APICellList(cells, changes)), named: "\(folder)/cells.json"))
        }
        if !whole.readings.isEmpty {
            let signed = whole.readings.map { SignedOfCase(reader: $0.name, reading: $0.reading) }
            try await write(zip.file(try Self.json(signed), named: "\(folder)/case-readings.json"))
        }
        for image in images {
            if let screening = screenings.first(where: { $0.imageID == image.id }), screening.state == .done {
                let answer = try answer(screening, to: image)
                try await write(zip.file(Array(answer.utf8), named: "\(folder)/screening-\(image.number).json"))
            }
            let type = image.archiveKey.split(separator: ".").last ?? "png"
            try await add(image.archiveKey, as: "\(folder)/image-\(image.number).\(type)", to: &zip, write)
        }
    }

    /// The answer; an object with `problem` where it cannot be read, so that the rest of the export is not lost with it.
    private func answer(_ screening: ScreeningRecord, to image: CaseImage) throws -> String {
        do {
            return try screening.answer.map { try ScreeningAnswer($0, text: text, sentSHA256: image.sha256).json() }
                ?? "{}"
        } catch let error as ClinicError where error.code == .corrupt {
            return String(decoding: try Self.json(["problem": text(error.message)]), as: UTF8.self)
        }
    }

    static func json(_ value: some Encodable) throws -> [UInt8] { Array(try JSONFormat.file.data(value)) }
}
