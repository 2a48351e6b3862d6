import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing
import Web

@Suite struct StyleSheetTests {
    private static func used(_ css: String, _ names: Set<String>) -> String {
        String(decoding: StyleSheet.used(of: Array(css.utf8), names: names), as: UTF8.self)
    }

    @Test(arguments: [
        (".a{x:1}.b{x:2}", ".a{x:1}"), (".a,.b,p{x:1}", ".a,p{x:1}"), (".a.b{x:1}", ""),
        (".a>.a::before{x:1}", ".a>.a::before{x:1}"),
        ("p:not(.b) a[href]{x:1}", "p:not(.b) a[href]{x:1}"), (".a:is(.b,.c){x:1}", ".a:is(.b,.c){x:1}"),
        ("@media (min-width:1px){.b{x:1}}.a{x:2}", ".a{x:2}"),
        (" @media print{ .b{x:1} .a{x:2} }\n p{x:3}", "@media print{.a{x:2}}p{x:3}"),
        ("@supports (a:b){@media print{.a{x:1}.b{x:2}}}", "@supports (a:b){@media print{.a{x:1}}}"),
        ("@keyframes k{0%{x:1}100%{x:2}}.b{x:3}", "@keyframes k{0%{x:1}100%{x:2}}"),
        ("@charset \"UTF-8\";.b{x:1}", "@charset \"UTF-8\";"),
        ("/*! licence {} */.b{x:1}/* none */.a{x:1/* ; */}", "/*! licence {} */.a{x:1}"),
        (".a{x:url(\"data:,}{\\\"}\")}.b{x:1}", ".a{x:url(\"data:,}{\\\"}\")}"),
        (".a[x=\".b,{\"]{x:1}", ".a[x=\".b,{\"]{x:1}"),
        (".w-1\\/2{x:1}.ab{x:2}", ".w-1\\/2{x:1}"), (".a{x:1", ".a{x:1}"), ("", ""), (".a", ".a"),
    ])
    func `what cannot match is left out, and nothing else`(css: String, expected: String) {
        #expect(Self.used(css, ["a"]) == expected)
    }

    @Test func `the words of a template are found`() {
        let words = StyleSheet.words(in: Array("<p class=\"btn btn-{{kind}} col-2\">a9 வே _x</p>-z".utf8))
        #expect(words.isSuperset(of: ["p", "class", "btn", "btn-", "kind", "col-2", "a9", "_x", "z"]))
        #expect(!words.contains("9") && !words.contains("-z"))
    }

    @Test func `pages get of Bootstrap what they use, in a fifth of its size, with its licence`() async throws {
        let file = WebConfiguration().bootstrapDirectory.appending(path: "css/bootstrap.min.css")
        let whole = try String(contentsOf: file, encoding: .utf8)
        try await TestSite.run { client in
            let page = try await client.execute(uri: "/", method: .get).text
            let address = try #require(page.firstMatch(of: /href="(\/assets\/bootstrap\.[^"]+)"/)).output.1
            let css = try await client.execute(uri: String(address), method: .get).text
            #expect(css.utf8.count * 5 < whole.utf8.count)
            #expect(css.hasPrefix("/*!") && css.contains("Licensed under MIT"))
            for kept in [".btn-primary{", ".form-select{", ".form-check-input:checked{", "@media (min-width: 576px)"] {
                #expect(css.contains(kept) == whole.contains(kept), "\(kept)")
            }
            #expect(css.contains(".btn-primary{") && !css.contains(".carousel") && !css.contains(".navbar"))
        }
    }

    /// A class that a source put into a page, and no template or script, would lose its rules.
    @Test func `no class of Bootstrap is named by a source alone`() throws {
        let web = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Web")
            .standardizedFileURL
        func words(_ kinds: Set<String>, _ change: (String) -> String = { $0 }) throws -> Set<String> {
            let files = try #require(FileManager.default.enumerator(at: web, includingPropertiesForKeys: nil))
            return try files.compactMap { $0 as? URL }.filter { kinds.contains($0.pathExtension) }.reduce(into: []) {
                $0.formUnion(StyleSheet.words(in: Array(change(try String(contentsOf: $1, encoding: .utf8)).utf8)))
            }
        }
        let css = try String(
            contentsOf: WebConfiguration().bootstrapDirectory.appending(path: "css/bootstrap.min.css"), encoding: .utf8)
        let classes = Set(css.matches(of: /\.([A-Za-z_][A-Za-z0-9_-]*)/).map { String($0.output.1) })
        let named = try words(["mustache", "js"])
        // Of sources what stands in quotes.
        let quoted = try words(["swift"]) { source in
            source.matches(of: /"([^"\n]*)"/).map { String($0.output.1) }.joined(separator: " ")
        }
        #expect(classes.count > 1000 && classes.contains("btn") && named.contains("btn"))
        // The ending of a file's name.
        #expect(classes.intersection(quoted).subtracting(named).subtracting(["css"]).isEmpty)
    }
}
