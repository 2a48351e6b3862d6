import Clinic

/// Where things lie in the archive.
public enum ArchiveKey {
    /// All stored images.
    public static let images = "images/"
    /// All pictures made of them.
    public static let screenings = "screenings/"

    /// - Parameter fileExtension: `png` or `jpg`.
    public static func image(_ id: ImageID, fileExtension: String) -> String { "\(images)\(id).\(fileExtension)" }

    /// All pictures of a screening; the key ends in `/`.
    public static func pictures(of id: ScreeningID) -> String { "\(screenings)\(id)/" }

    /// One picture of a screening.
    public static func picture(_ name: String, of id: ScreeningID) -> String { pictures(of: id) + name }

    /// The screening that a key under `screenings/` belongs to; nil for a key that is none of ours.
    static func screeningID(of key: String) -> ScreeningID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "screenings" else { return nil }
        return ScreeningID(String(parts[1]))
    }
}
