import Casework
import Findings
import Foundation
import HTTPTypes
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web
import Wording

/// Every page of the site in the pseudo-language.
@Suite(.timeLimit(.minutes(15))) struct PseudoLanguageTests {
    /// Names, and what is said in no language: of people and places of the tests, of the model, of classes of this program.
    private static let names: Set<String> = [
        // Whoever walks, their entries and their things.
        "somebody", "else", "anna", "meera", "iyer", "clinic", "road", "street", "council", "test", "leukaemia",
        "centre",
        "east", "wing", "sample", "kind", "shown", "owner", "administrator", "bengaluru", "chennai",
        // Names of languages, countries and days come from CLDR, not from the catalogue.
        "english", "hindi", "kannada", "india", "north", "states",
        // The site, its model and its sources.
        "leukoscope", "tiny", "geonames",
    ]

    /// The words of English in the catalogue, without the facts in them.
    private static func catalogue() throws -> Set<String> {
        let file = TextCatalogue.installed.appending(path: "en.json")
        var words: Set<String> = []
        func walk(_ node: Any) {
            if let text = node as? String {
                words.formUnion(Self.words(text.replacing(/\{[A-Za-z]+\}/, with: " ")))
            }
            for child in node as? [Any] ?? [] { walk(child) }
            for (name, child) in node as? [String: Any] ?? [:] where name != "locale" && name != "plurals" {
                walk(child)
            }
        }
        walk(try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
        return words
    }

    /// Words of four letters and more that stand alone: nothing that is part of a code, an address or a number.
    private static func words(_ text: String) -> Set<String> {
        Set(
            text.split { $0.isWhitespace || "\u{a0}·–—,;:!?()“”\"…".contains($0) }
                .map { $0.trimmingCharacters(in: .punctuationCharacters).lowercased() }
                .filter { $0.count >= 4 && $0.allSatisfy { $0.isASCII && $0.isLetter } })
    }

    @Test func `no page says anything that is not in the catalogue`() async throws {
        let folder = try PseudoLanguage.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let english = try Self.catalogue().subtracting(Self.names)
        #expect(english.count > 1000)
        try await TestSite.run(
            release: TestSite.screener(answering: .report, label: "pre-b"), demonstration: TestSite.screener(),
            configure: { ($0.language, $0.texts) = (PseudoLanguage.tag, folder) }
        ) { client, services in
            let configuration = TestSite.configuration { ($0.language, $0.texts) = (PseudoLanguage.tag, folder) }
            let routes = try await routeTable(
                configuration: configuration, services: services, logger: TestSite.quiet)
            let cast = try await RouteCast(client: client, services: services)
            let notice = services.models.shelf.active.package.description.notice ?? ""
            var pages: Set<String> = []
            for route in routes where route.method == "GET" && !RouteCast.isForProgram(route) {
                for person in [RouteCast.Person.nobody, .owner, .sharedClinician, .administrator] {
                    let response = try await cast.ask(route, as: person)
                    guard response.headers[.contentType]?.hasPrefix("text/html") == true else { continue }
                    #expect(response.headers[.contentLanguage] == PseudoLanguage.tag, "\(route)")
                    #expect(response.text.contains("<html lang=\"\(PseudoLanguage.tag)\""), "\(route)")
                    // The model's own notice is part of its package.
                    let shown = PseudoLanguage.outside(response.text.replacing(notice, with: ""))
                    let found = Self.words(shown).intersection(english)
                    #expect(found.isEmpty, "\(route) as \(person) says \(found.sorted())")
                    pages.insert(route.path)
                }
            }
            #expect(pages.count > 45, "\(pages.count) pages")
        }
    }

    @Test func `sees English outside the brackets, and none within`() {
        let page =
            "<p title=\"Plain\">⟦Wórds ⟦wíthin⟧ more⟧ Bare <code>code</code> <span translate=\"no\">name</span></p>"
        #expect(Self.words(PseudoLanguage.outside(page)) == ["plain", "bare"])
        #expect(PseudoLanguage.strange("A {name} is here").contains("{name}"))
        #expect(PseudoLanguage.strange(String(repeating: "a", count: 100)).count >= 140)
    }
}
