import Clinic
import Findings

/// Where things lie in the archive.
public enum ArchiveKey {
    /// All stored images.
    public static let images = "images/"
    /// All pictures made of them.
    public static let screenings = "screenings/"
    /// Everything that rows name.
    static let kept = [images, screenings, models, doctors]

    /// Files that no row knows, in a folder for each day on which some were put aside.
    public static let quarantine = "quarantine/"

    /// All installed model packages.
    public static let models = "models/"

    /// The files of an installed model; the key ends in `/`.
    public static func model(_ id: InstalledModelID) -> String { "\(models)\(id)/" }

    /// The installed model that a key under `models/` belongs to; nil for a key that is none of ours.
    static func modelID(of key: String) -> InstalledModelID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "models" else { return nil }
        return InstalledModelID(String(parts[1]))
    }

    /// - Parameter fileExtension: `png` or `jpg`.
    public static func image(_ id: ImageID, fileExtension: String) -> String { "\(images)\(id).\(fileExtension)" }

    /// All pictures of a screening; the key ends in `/`.
    public static func pictures(of id: ScreeningID) -> String { "\(screenings)\(id)/" }

    /// One picture of a screening.
    public static func picture(_ kind: PictureKind, of id: ScreeningID) -> String { pictures(of: id) + kind.name }

    /// All papers and portraits of doctors.
    public static let doctors = "doctors/"

    /// A paper of an entry.
    ///
    /// - Parameter fileExtension: `pdf`, `png` or `jpg`.
    static func document(_ id: DocumentID, of doctor: DoctorID, fileExtension: String) -> String {
        "\(doctors)\(doctor)/\(id).\(fileExtension)"
    }

    /// A new key for a portrait, so that a cache never shows the old one for it.
    static func portrait(of doctor: DoctorID) -> String {
        "\(doctors)\(doctor)/portrait-\(Identifier<Portrait>()).jpg"
    }

    /// The screening that a key under `screenings/` belongs to; nil for a key that is none of ours.
    static func screeningID(of key: String) -> ScreeningID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "screenings" else { return nil }
        return ScreeningID(String(parts[1]))
    }
}

extension ImageArchive {
    /// A picture of a screening, or the image that was screened; the heat map over the image is made when it is asked for, and
    /// the small map of a screening from before it was kept is read out of the coloured one.
    ///
    /// - Throws: `ClinicError.notFound`, `.storage`; `ImagingError` for a stored file that is no image.
    public func picture(_ kind: PictureKind, of found: ReadableScreening) async throws -> [UInt8] {
        switch kind {
        case .map: try await StoredHeatMap(of: found, in: self).map()
        case .overlay: try await StoredHeatMap(of: found, in: self).overlay()
        default: try await file(kind, of: found)
        }
    }

    /// A picture as it is stored.
    func file(_ kind: PictureKind, of found: ReadableScreening) async throws -> [UInt8] {
        let key = kind == .original ? found.image.archiveKey : ArchiveKey.picture(kind, of: found.screening.id)
        return try await bytes(at: key)
    }
}
