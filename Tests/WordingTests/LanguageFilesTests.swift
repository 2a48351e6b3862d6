import Foundation
import Testing
import Wording

/// Holds the file of each language against that of English, and English against what the program says.
@Suite struct LanguageFilesTests {
    /// What a file has under one dotted name.
    private enum Leaf: Equatable {
        /// The `{names}` in a text.
        case text(Set<String>)
        /// How many texts are in a list, and the `{names}` in them.
        case list(Int, Set<String>)
        /// The forms of a counted text, and the `{names}` in them.
        case counted(Set<String>, Set<String>)
    }

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources").standardizedFileURL
    private static let categories: Set<String> = ["zero", "one", "two", "few", "many", "other"]

    /// What the catalogue itself reads, by the beginning of the key.
    private static let ownParts = ["language.plurals."]

    /// Keys whose middle is in a variable when they are put together, by their beginning, each with the reason.
    private static let madeAtRunTime = [
        // FormField: "<words>.fields.<field>" and "<words>.hints.<field>".
        "account.fields.", "account.hints.", "appointments.fields.", "appointments.hints.", "care.fields.",
        "care.hints.",
        "persons.fields.", "admin.privacy.fields.", "admin.privacy.hints.",
        "practice.fields.", "practice.hints.",
        "sites.fields.", "sites.hints.",
        // AdminSitePage: the values of an enumeration behind "sites.methods" and "sites.purposes", which its options are given.
        "sites.methods.", "sites.purposes.",
        // NoticeService: "notices.kinds.<kind>" is a path of its own, with subject and body behind it.
        "notices.kinds.",
    ]

    private static func root(_ language: String) throws -> [String: Any] {
        let file = TextCatalogue.installed.appending(path: "\(language).json")
        return try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any], "\(file.path)")
    }

    private static func names(in text: String) -> Set<String> {
        Set(text.matches(of: /\{([A-Za-z]+)\}/).map { String($0.output.1) })
    }

    /// Whether texts are the forms of one sentence.
    private static func areForms(_ branch: [String: Any]) -> Bool {
        let forms = branch.filter { categories.contains($0.key) && $0.value is String }
        return forms["other"] != nil && (forms.count > 1 || branch.count == 1)
    }

    /// Everything in a file by its dotted name, without its plural rules.
    ///
    /// - Parameter counted: The names of counted texts; nil to tell them by their forms.
    private static func leaves(of language: String, counted: Set<String>? = nil) throws -> [String: Leaf] {
        var found: [String: Leaf] = [:]
        func walk(_ node: Any, _ path: String) {
            if let text = node as? String {
                found[path] = .text(names(in: text))
            } else if let list = node as? [String] {
                found[path] = .list(list.count, list.reduce(into: []) { $0.formUnion(names(in: $1)) })
            } else if let branch = node as? [String: Any], path != "language.plurals" {
                let forms =
                    counted?.contains(path) ?? areForms(branch) ? branch.filter { categories.contains($0.key) } : [:]
                if !forms.isEmpty {
                    let words = forms.values.compactMap { $0 as? String }
                    // A form for one number may leave the number out.
                    let facts = words.reduce(into: Set<String>()) { $0.formUnion(names(in: $1)) }
                    found[path] = .counted(Set(forms.keys), facts.subtracting(["count"]))
                }
                for (name, child) in branch where forms[name] == nil {
                    walk(child, path.isEmpty ? name : "\(path).\(name)")
                }
            }
        }
        walk(try root(language), "")
        return found
    }

    private static var others: [String] {
        get throws { try TextLibrary.languages().filter { $0 != TextCatalogue.base } }
    }

    @Test func `every language has the texts of English, with the same facts and as many in each list`() throws {
        let english = try Self.leaves(of: TextCatalogue.base)
        #expect(english.count > 1500)
        let counted = Set(english.filter { if case .counted = $0.value { true } else { false } }.keys)
        for language in try Self.others {
            let leaves = try Self.leaves(of: language, counted: counted)
            let forms = Set(try TextCatalogue(language: language).pluralCategories)
            for (key, leaf) in english {
                guard let other = leaves[key] else {
                    Issue.record("\(language).json lacks \(key)")
                    continue
                }
                switch (leaf, other) {
                case (.counted(_, let names), .counted(let found, let others)):
                    #expect(found == forms, "\(language).json: \(key) has not the forms \(forms.sorted())")
                    #expect(names == others, "\(language).json: \(key)")
                default: #expect(leaf == other, "\(language).json: \(key)")
                }
            }
            for key in leaves.keys where english[key] == nil { Issue.record("\(language).json: \(key) is left over") }
        }
    }

    /// Counted texts of which there is never none: a verdict rests on at least one field, and this browser is one.
    private static let neverNone: Set<String> = ["cases.rule.stated", "account.settings.sessionCount"]

    @Test func `a count says its number, also where the form for one is that of others too`() throws {
        let english = try Self.leaves(of: TextCatalogue.base)
        for language in try TextLibrary.languages() {
            let text = try TextCatalogue(language: language)
            for (key, leaf) in english {
                // What names no number in its general form need not name it in any.
                guard case .counted = leaf, text("\(key).other").contains("{count}"), !Self.neverNone.contains(key)
                else { continue }
                for number in [0, 2, 11, 21, 101] {
                    let words = text.counted(key, number)
                    #expect(words.contains("\(number)"), "\(language).json: \(key) of \(number) says “\(words)”")
                }
            }
        }
    }

    @Test func `every language names itself and says whether its wording was checked`() throws {
        let library = try TextLibrary()
        #expect(library.all.first?.language == TextCatalogue.base && library.site.unchecked == nil)
        let names = library.all.map(\.name)
        #expect(Set(names).count == names.count && !names.contains(""))
        for language in try Self.others {
            let own = try #require(try Self.root(language)["language"] as? [String: Any], "\(language)")
            #expect(own["plurals"] is [String: String], "\(language).json has no plural rules of its own")
            let locale = try #require(own["locale"] as? String)
            #expect(Locale(identifier: locale).language.languageCode?.identifier == language)
        }
    }

    /// The dotted names that the sources and templates name: whole, and as patterns where a part is put in.
    private static func uses() throws -> (
        whole: Set<String>, patterns: [(start: String, whole: Regex<Substring>)]
    ) {
        var (whole, patterns): (Set<String>, Set<String>) = ([], [])
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        for case let file as URL in files {
            switch file.pathExtension {
            case "swift":
                let source = try String(contentsOf: file, encoding: .utf8)
                for start in source.matches(of: /"(?=[a-z][A-Za-z0-9\-]*\.)/) {
                    guard let key = pattern(source[start.range.upperBound...]) else { continue }
                    if key.contains("[") { patterns.insert(key) } else { whole.insert(key) }
                }
            case "mustache":
                let template = try String(contentsOf: file, encoding: .utf8)
                whole.formUnion(
                    template.matches(of: /\{\{\{?[#^\/]?\s*text\.([A-Za-z0-9.\-]+)/).map { String($0.output.1) })
            default: break
            }
        }
        return (
            whole,
            try patterns.map { key in
                (
                    String(key.prefix { $0 != "[" }),
                    try Regex(key.replacing(".", with: #"\."#), as: Substring.self)
                )
            }
        )
    }

    /// A literal up to its quote, with `[A-Za-z0-9-]+` for what is put in; nil for one that is no dotted name.
    private static func pattern(_ literal: Substring) -> String? {
        var (rest, key) = (literal, "")
        while let character = rest.popFirst() {
            if character == "\"" { return key }
            if character == "\\", rest.first == "(" {
                var depth = 0
                repeat {
                    guard let inside = rest.popFirst() else { return nil }
                    depth += inside == "(" ? 1 : inside == ")" ? -1 : 0
                } while depth > 0
                key += "[A-Za-z0-9-]+"
            } else if character.isASCII, character.isLetter || character.isNumber || ".-".contains(character) {
                key.append(character)
            } else {
                return nil
            }
        }
        return nil
    }

    @Test func `every text of English is said somewhere`() throws {
        let uses = try Self.uses()
        #expect(uses.whole.count > 1000 && uses.patterns.count > 50)
        func isUsed(_ key: String) throws -> Bool {
            if uses.whole.contains(key) { return true }
            return try uses.patterns.contains { try key.hasPrefix($0.start) && $0.whole.wholeMatch(in: key) != nil }
        }
        var families = Set(Self.madeAtRunTime)
        for key in try Self.leaves(of: TextCatalogue.base).keys.sorted() {
            if Self.ownParts.contains(where: key.hasPrefix) { continue }
            if try isUsed(key) { continue }
            let family = Self.madeAtRunTime.first(where: key.hasPrefix)
            #expect(family != nil, "\(key) is not used")
            if let family { families.remove(family) }
        }
        #expect(families.isEmpty, "nothing begins with \(families.sorted())")
    }
}
