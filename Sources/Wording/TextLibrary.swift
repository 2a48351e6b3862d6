import Foundation

/// The catalogues of all languages that a folder has a file of.
public struct TextLibrary: Sendable {
    /// English first, the others by their tags.
    public let all: [TextCatalogue]
    /// The language of whoever asks for none that is here.
    public let site: TextCatalogue

    /// - Parameters:
    ///   - folder: Where the files are, `<language>.json` each.
    ///   - language: The tag of the language of whoever asks for none that is there.
    /// - Throws: `WordingError` when a file cannot be read, or that language has none.
    public init(in folder: URL = TextCatalogue.installed, site language: String = TextCatalogue.base) throws {
        let english = try TextCatalogue.english(in: folder)
        let files: [URL]
        do {
            files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        } catch {
            throw WordingError("The folder of texts \(folder.path) cannot be read: \(error)")
        }
        let others = try files.filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .filter { $0.deletingPathExtension().lastPathComponent != TextCatalogue.base }
            .map { try TextCatalogue(file: $0, fallback: english) }
        all = files.contains { $0.lastPathComponent == "\(TextCatalogue.base).json" } ? [english] + others : others
        guard let found = all.first(where: { $0.language == language }) else {
            let tags = all.map(\.language).joined(separator: ", ")
            throw WordingError("There is no language “\(language)” in \(folder.path); there are \(tags).")
        }
        site = found
    }

    /// The texts of a language; nil where there are none of it.
    public subscript(language: String?) -> TextCatalogue? {
        language.flatMap { tag in all.first { $0.language == tag } }
    }

    /// The first language that somebody can be served of those they read, as RFC 4647, 3.4 looks it up: `ta-Taml-IN`, then
    /// `ta-Taml`, then `ta`.
    ///
    /// - Parameter ranges: Language ranges, the most wanted first. `*` asks for none in particular.
    /// - Returns: The texts; nil where none fits.
    public func best(of ranges: [String]) -> TextCatalogue? {
        for range in ranges {
            var parts = range.lowercased().split(separator: "-")
            while !parts.isEmpty {
                let tag = parts.joined(separator: "-")
                if let found = all.first(where: { $0.language.lowercased() == tag }) { return found }
                parts.removeLast()
                // A single letter or digit begins an extension, and says nothing alone.
                if let last = parts.last, last.utf8.count == 1 { parts.removeLast() }
            }
        }
        return nil
    }
}
