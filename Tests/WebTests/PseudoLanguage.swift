import Foundation
import Testing
import Wording

/// English made strange for tests: letters with accents, in brackets, and longer by two fifths, as other languages are. What a
/// page says without brackets does not come from the catalogue.
enum PseudoLanguage {
    /// Of the range for private use (RFC 5646, 2.2.1).
    static let tag = "qps"

    /// A folder with English, this language, and others; removed by whoever asked for it.
    ///
    /// - Parameter others: More languages by tag, each with what it has of the catalogue.
    static func folder(others: [String: String] = [:]) throws -> URL {
        let english = try Data(contentsOf: TextCatalogue.installed.appending(path: "en.json"))
        let root = try #require(try JSONSerialization.jsonObject(with: english) as? [String: Any])
        var texts = root.mapValues(strange)
        var language = try #require(root["language"] as? [String: Any])
        language["name"] = "⟦\(tag)⟧"
        language["menu"] = strange(language["menu"] ?? "")
        texts["language"] = language
        let folder = try TestSite.temporaryDirectory()
        try english.write(to: folder.appending(path: "en.json"))
        try JSONSerialization.data(withJSONObject: texts).write(to: folder.appending(path: "\(tag).json"))
        for (tag, text) in others { try Data(text.utf8).write(to: folder.appending(path: "\(tag).json")) }
        return folder
    }

    /// As the catalogue has it, with every text made strange.
    private static func strange(_ node: Any) -> Any {
        if let text = node as? String { return strange(text) }
        if let list = node as? [Any] { return list.map(strange) }
        return (node as? [String: Any])?.mapValues(strange) ?? node
    }

    /// A text in brackets; what is put in its place of `{name}` stays as it is.
    static func strange(_ text: String) -> String {
        var isName = false
        let letters = text.map { letter -> Character in
            if letter == "{" { isName = true }
            if letter == "}" { isName = false }
            return isName ? letter : accented[letter] ?? letter
        }
        let length = Int((Double(text.count) * 0.4).rounded(.up))
        return "⟦\(String(letters))\(String(repeating: "~ ", count: length / 2))⟧"
    }

    private static let accented: [Character: Character] = [
        "a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú", "n": "ñ", "c": "ç", "A": "Á", "E": "É", "O": "Ó", "U": "Ú",
    ]

    /// What a page shows outside all brackets.
    ///
    /// - Parameter html: The page; its scripts, code, keys, times, lists of suggestions, and what says that it is not to be
    ///   translated, are passed over.
    static func outside(_ html: String) -> String {
        var page = html.replacing(/<span\b[^>]* translate="no"[^>]*>[^<]*<\/span>/, with: " ").replacing(
            /(?s)<(script|style|code|pre|kbd|samp|time|datalist|svg)\b[^>]*>.*?<\/\1>/, with: " ")
        // What people who do not see the page are told.
        let told = page.matches(of: /\b(?:alt|title|aria-label|placeholder)="([^"]*)"/).map { String($0.output.1) }
        page = ([page.replacing(/<[^>]*>/, with: " ")] + told).joined(separator: " \n ")
        var (depth, rest) = (0, "")
        for letter in page {
            if letter == "⟧" { depth = max(0, depth - 1) }
            if depth == 0 { rest.append(letter == "⟧" ? " " : letter) }
            if letter == "⟦" { depth += 1 }
        }
        return rest
    }
}
