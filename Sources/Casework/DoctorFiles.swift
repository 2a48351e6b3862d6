import Clinic
import Foundation
import Imaging
import Offloading

/// Takes in and removes the files of doctors' entries: papers for the administrators, and the portrait.
///
/// As everywhere the rows are the truth: a file is written before its row, removed after it, and one that a crash leaves
/// without a row is the `Sweeper`'s.
public struct DoctorFiles: Sendable {
    /// A PDF begins so (ISO 32000-2, 7.5.2).
    private static let pdf = Array("%PDF-".utf8)
    /// The longest name of a file that is kept.
    private static let maximumName = 120

    private let database: any ClinicDatabase
    private let directory: Directory
    private let archive: any ImageArchive
    private let clock: @Sendable () -> Date
    private let limits: ImageLimits

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.database = database
        directory = Directory(database: database, clock: clock)
        self.archive = archive
        self.clock = clock
        limits = ImageLimits(maximumBytes: Directory.maximumDocumentBytes)
    }

    /// Adds a paper to somebody's own entry.
    ///
    /// An image is written anew from its pixels, without metadata; a PDF is kept as it was sent, and never opened here.
    ///
    /// - Parameters:
    ///   - bytes: The file as it was sent; its type is told by its first bytes.
    ///   - name: As the sender calls it; only its last part is kept.
    /// - Throws: `ClinicError.invalid` with field `document` for another type or too many bytes, `ImagingError` for an
    ///   image that cannot be read, and what `Directory.addDocument` throws.
    public func addDocument(_ bytes: [UInt8], name: String, by user: UserID) async throws -> DoctorDocument {
        let doctor = try await directory.admitDocument(by: user)
        guard bytes.count <= Directory.maximumDocumentBytes else { throw Self.tooLarge }
        let (stored, type, fileExtension) = try await self.stored(bytes)
        let id = DocumentID()
        let document = DoctorDocument(
            id: id, doctorID: doctor, name: Self.name(name, fileExtension: fileExtension), contentType: type,
            byteCount: stored.count, archiveKey: ArchiveKey.document(id, of: doctor, fileExtension: fileExtension),
            createdAt: clock())
        try await archive.store(stored, at: document.archiveKey)
        do {
            try await directory.addDocument(
                document, stored: StoredObject(stored, at: document.archiveKey), by: user)
        } catch let error as ClinicError where error.code != .databaseUnavailable {
            // Known not to be stored; where the database cannot tell, the sweeper decides.
            try await archive.remove(document.archiveKey)
            throw error
        }
        return document
    }

    /// Takes a paper of the own entry away.
    ///
    /// - Throws: What `Directory.deleteDocument` throws; `ClinicError.storage` when the row is gone and the file is not.
    public func deleteDocument(_ id: DocumentID, by user: UserID) async throws {
        try await archive.remove(try await directory.deleteDocument(id, by: user))
        try await database.eraseTraces()
    }

    /// Puts another portrait into the own entry: the middle square of the picture, at most 512 pixels wide, as a JPEG of
    /// nothing but its pixels.
    ///
    /// - Throws: `ImagingError` for what is no usable image; `ClinicError.notFound` for who has no entry.
    public func setPhoto(_ bytes: [UInt8], by user: UserID) async throws {
        guard let own = try await directory.own(user) else { throw ClinicError(.notFound, "errors.nothingHere") }
        let portrait = try await Portrait.made(of: bytes, limits: limits).jpeg
        let key = ArchiveKey.portrait(of: own.doctor.id)
        try await archive.store(portrait, at: key)
        let old: String?
        do {
            old = try await directory.setPhoto(StoredObject(portrait, at: key), of: user)
        } catch let error as ClinicError {
            if error.code != .databaseUnavailable { try await archive.remove(key) }
            throw error
        }
        if let old { try await archive.remove(old) }
    }

    /// Takes the portrait away.
    public func removePhoto(by user: UserID) async throws {
        if let old = try await directory.setPhoto(nil, of: user) { try await archive.remove(old) }
    }

    private func stored(_ bytes: [UInt8]) async throws -> (bytes: [UInt8], type: String, fileExtension: String) {
        if bytes.starts(with: Self.pdf) { return (bytes, "application/pdf", "pdf") }
        let format: ImageFormat
        do {
            format = try await Offloading.process.compute { try ImageDecoder.inspect(bytes).format }
        } catch let error as ImagingError {
            guard [.unknownFormat, .empty].contains(error.code) else { throw error }
            throw Self.wrongType
        }
        guard [.jpeg, .png].contains(format) else { throw Self.wrongType }
        let image = try await StoredImage.made(of: bytes, limits: limits)
        guard image.bytes.count <= Directory.maximumDocumentBytes else { throw Self.tooLarge }
        return (image.bytes, image.fileExtension == "png" ? "image/png" : "image/jpeg", image.fileExtension)
    }

    /// The last part of a path without control characters, with the ending that the content has.
    private static func name(_ sent: String, fileExtension: String) -> String {
        let last = sent.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
        let plain = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter {
                    ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
                }))
        let stem = plain.split(separator: ".").dropLast(plain.contains(".") ? 1 : 0).joined(separator: ".")
            .trimmingCharacters(in: .whitespaces)
        let kept = String(String.UnicodeScalarView(stem.unicodeScalars.prefix(maximumName)))
        return "\(kept.isEmpty ? "document" : kept).\(fileExtension)"
    }

    private static var tooLarge: ClinicError {
        ClinicError(
            .invalid, "errors.directory.documentTooLarge",
            ["megabytes": Directory.maximumDocumentBytes / 1_000_000], field: "document")
    }

    private static var wrongType: ClinicError {
        ClinicError(.invalid, "errors.directory.documentType", field: "document")
    }
}
