import Foundation
import Testing
import Wording

/// Languages of a folder that a test makes: English as installed, and a few words of others.
@Suite struct LanguagesTests {
    private static let files = [
        "hi": """
        {"language": {"name": "हिन्दी", "locale": "hi-IN", "plurals": {"one": "i = 0 or n = 1"}, "unchecked": "जाँच बाकी है।"},
         "site": {"screen": "जाँच"}, "cases": {"total": {"one": "{count} मामला", "other": "{count} मामले"}}}
        """,
        "ta": """
        {"language": {"name": "தமிழ்", "locale": "ta-IN", "plurals": {"one": "n = 1"}, "unchecked": ""}}
        """,
        "ru": """
        {"language": {"name": "русский", "locale": "ru-RU", "plurals": {
         "one": "v = 0 and i % 10 = 1 and i % 100 != 11 @integer 1, 21, 31",
         "few": "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
         "many": "v = 0 and i % 10 = 0 or v = 0 and i % 10 = 5..9 or v = 0 and i % 100 = 11..14"}},
         "cases": {"total": {"one": "{count} случай", "few": "{count} случая", "many": "{count} случаев",
         "other": "{count} случая"}}}
        """,
        "ja": """
        {"language": {"name": "日本語", "locale": "ja-JP", "plurals": {}}, "cases": {"total": {"other": "{count}件"}}}
        """,
    ]

    /// A folder with these languages, for the time of a test.
    private static func folder(
        _ languages: [String: String] = files, _ test: (URL) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-texts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            at: TextCatalogue.installed.appending(path: "en.json"), to: folder.appending(path: "en.json"))
        for (language, text) in languages {
            try Data(text.utf8).write(to: folder.appending(path: "\(language).json"))
        }
        try test(folder)
    }

    @Test(arguments: [
        ("en", [0: "0 cases", 1: "1 case", 2: "2 cases", 12_345: "12,345 cases"]),
        ("hi", [0: "0 मामला", 1: "1 मामला", 2: "2 मामले", 123_456: "1,23,456 मामले"]),
        ("ru", [1: "1 случай", 3: "3 случая", 11: "11 случаев", 21: "21 случай", 112: "112 случаев"]),
        ("ja", [0: "0件", 1: "1件", 5: "5件"]),
    ])
    func `a count has the form of the language's own rule`(language: String, expected: [Int: String]) throws {
        try Self.folder { folder in
            let text = try TextCatalogue(language: language, in: folder)
            for (count, words) in expected { #expect(text.counted("cases.total", count) == words) }
        }
    }

    @Test func `Tamil counts one as one, and groups numbers as India does`() throws {
        try Self.folder { folder in
            let text = try TextCatalogue(language: "ta", in: folder)
            #expect(text.pluralCategories == ["one", "other"])
            // Its own words are not there: those of English, in the form of the Tamil rule.
            #expect(text.counted("cases.total", 1) == "1 case")
            #expect(text.counted("cases.total", 0) == "0 cases")
            #expect(text.number(12_345_678) == "1,23,45,678")
            #expect(text.number(2026) == "2026")
        }
    }

    @Test func `a text that a language lacks is that of English, and never a key`() throws {
        try Self.folder { folder in
            let text = try TextCatalogue(language: "hi", in: folder)
            let english = try TextCatalogue(language: "en", in: folder)
            #expect(text("site.screen") == "जाँच")
            #expect(text("site.learn") == english("site.learn"))
            #expect(text.list("appointments.months") == english.list("appointments.months"))
            #expect(text.unchecked == "जाँच बाकी है।")
            #expect(try TextCatalogue(language: "ta", in: folder).unchecked == nil)
        }
    }

    @Test(arguments: [
        (["ta-IN", "en"], "ta"), (["hi-Deva-IN"], "hi"), (["fr", "*", "ta"], "ta"), (["EN-gb"], "en"),
        (["hi-x-private"], "hi"), (["fr-FR", "de"], nil), ([], nil), (["t", "taa"], nil),
    ])
    func `finds the language that somebody reads best`(ranges: [String], expected: String?) throws {
        try Self.folder { folder in
            let library = try TextLibrary(in: folder)
            #expect(library.best(of: ranges)?.language == expected)
        }
    }

    @Test func `offers English first, and refuses a site's language that is not there`() throws {
        try Self.folder { folder in
            let library = try TextLibrary(in: folder, site: "ta")
            #expect(library.all.map(\.language) == ["en", "hi", "ja", "ru", "ta"])
            #expect(library.site.language == "ta")
            #expect(library["hi"]?.name == "हिन्दी")
            #expect(library["fr"] == nil && library[nil] == nil)
            #expect { try TextLibrary(in: folder, site: "fr") } throws: { "\($0)".contains("“fr”") }
        }
    }

    @Test(arguments: [
        (#"{"two": "n is 2"}"#, "n is 2"), (#"{"one": "n = 5..1"}"#, "n = 5..1"), (#"{"some": "n = 1"}"#, "some"),
        (#"{"one": "n % 0 = 1"}"#, "n % 0 = 1"), (#"{"one": ""}"#, "plural rule"),
    ])
    func `refuses a plural rule that cannot be read, and names it`(rules: String, named: String) throws {
        try Self.folder(["xx": #"{"language": {"name": "x", "plurals": \#(rules)}}"#]) { folder in
            #expect { try TextCatalogue(language: "xx", in: folder) } throws: { "\($0)".contains(named) }
        }
    }
}
