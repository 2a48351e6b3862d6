import Clinic
import Foundation

/// What the account's archive holds of a person's entry in the directory: the entry, its papers and portrait.
struct PracticeExport: Sendable {
    /// A file of the archive that lies in the image archive.
    struct File: Sendable {
        let name: String
        let key: String
    }

    private struct Paper: Encodable {
        let name: String
        let contentType: String
        let byteCount: Int
        let createdAt: Date
    }

    private struct Entry: Encodable {
        let entry: Doctor
        let documents: [Paper]
    }

    let doctor: Doctor
    let documents: [DoctorDocument]

    /// The entry as JSON.
    func description() throws -> [UInt8] {
        let papers = documents.map {
            Paper(name: $0.name, contentType: $0.contentType, byteCount: $0.byteCount, createdAt: $0.createdAt)
        }
        return try AccountExport.json(Entry(entry: doctor, documents: papers))
    }

    /// Papers and portrait, with their places in the account's archive.
    var files: [File] {
        let papers = documents.enumerated().map { number, document in
            File(name: "practice/document-\(number + 1)-\(document.name)", key: document.archiveKey)
        }
        return papers + (doctor.photoKey.map { [File(name: "practice/portrait.jpg", key: $0)] } ?? [])
    }
}
