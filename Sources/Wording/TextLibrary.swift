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
        let tags = try Self.languages(in: folder)
        all = try tags.map { tag in
            tag == TextCatalogue.base
                ? english : try TextCatalogue(file: folder.appending(path: "\(tag).json"), fallback: english)
        }
        guard let found = all.first(where: { $0.language == language }) else {
            throw WordingError(
                "There is no language “\(language)” in \(folder.path); there are \(tags.joined(separator: ", ")).")
        }
        site = found
    }

    /// The tags of the languages that a folder has a file of: English first, the others in order.
    ///
    /// - Throws: `WordingError` where the folder cannot be read.
    public static func languages(in folder: URL = TextCatalogue.installed) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "json" }.map { $0.deletingPathExtension().lastPathComponent }
                .sorted { ($0 == TextCatalogue.base ? 0 : 1, $0) < ($1 == TextCatalogue.base ? 0 : 1, $1) }
        } catch {
            throw WordingError("The folder of texts \(folder.path) cannot be read: \(error)")
        }
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
