import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web

@Suite struct PageTests {
    private static let names = ["Benign (haematogones)", "Malignant early Pre-B", "Malignant Pre-B", "Malignant Pro-B"]

    private func resultPage(_ release: Screener) async throws -> String {
        let picture = try TestSite.picture()
        return try await TestSite.run(release: release) { client in
            let response = try await client.execute(
                uri: "/screen", method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(response.status == .ok)
            return response.text
        }
    }

    private static func main(of page: String) throws -> Substring {
        let start = try #require(page.range(of: "<main"))
        let end = try #require(page.range(of: "</main>"))
        return page[start.upperBound..<end.lowerBound]
    }

    /// The page down to where it tells how the answer came about.
    private static func answer(of page: some StringProtocol) -> Substring {
        Substring(page.components(separatedBy: "<section class=\"seen\"")[0])
    }

    @Test func `shows class, confidence, bars, and the heat map over the picture`() async throws {
        let label = try await TestSite.screener().screen(TestSite.picture()).label
        let page = try await resultPage(TestSite.screener(answering: .report, label: label.rawValue))
        #expect(page.contains("data-decision=\"report\""))
        for name in Self.names { #expect(page.contains(name)) }
        #expect(page.components(separatedBy: "class=\"bar-fill\"").count == 5)
        // The image once, and over it the small map that the page colours.
        #expect(Self.answer(of: page).components(separatedBy: "src=\"data:image/jpeg;base64,").count == 2)
        #expect(Self.answer(of: page).contains("id=\"heat\" src=\"data:image/png;base64,"))
        #expect(page.contains("not a diagnosis"))
        #expect(page.contains("tiny 0.1.0"))
    }

    @Test func `shows a set in place of a class when uncertain`() async throws {
        let page = try Self.main(of: await resultPage(TestSite.screener(answering: .uncertain)))
        #expect(page.contains("<h1 class=\"result-name\">Uncertain</h1>"))
        #expect(page.contains("Between: Benign, Early Pre-B, Pre-B, Pro-B"))
        #expect(!page.contains("data-decision=\"report\""))
    }

    @Test func `never shows a class when rejected`() async throws {
        let page = try Self.main(of: await resultPage(TestSite.screener(answering: .rejected)))
        #expect(page.contains("data-decision=\"rejected\""))
        for name in Self.names + ["Benign", "Malignant", "Pre-B", "Pro-B", "early-pre-b"] {
            #expect(!page.contains(name), "\(name) is shown")
        }
        // The image alone: a heat map would be that of a class.
        #expect(Self.answer(of: page).components(separatedBy: "src=\"data:image/jpeg;base64,").count == 2)
        #expect(page.contains("How to take a better image"))
        #expect(page.contains("not a diagnosis"))
    }

    @Test func `escapes what comes from a package`() async throws {
        let evil = "<script>alert('x')</script>\"&"
        let page = try await resultPage(
            TestSite.screener {
                $0["name"] = evil
                $0["notice"] = evil
            })
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("&lt;script&gt;"))
    }

    /// Mustache's own escaping takes a quotation mark with an accent behind it for another letter.
    @Test func `escapes a quotation mark with an accent behind it, on pages and in what they include`() async throws {
        let evil = "x\"\u{301} autofocus=\"\u{200D}"
        let page = try await resultPage(
            TestSite.screener {
                $0["name"] = evil
                $0["notice"] = evil
            })
        #expect(page.contains("x&quot;\u{301} autofocus=&quot;\u{200D}"))
        #expect(!page.contains(evil))
        try await TestSite.run { client in
            let address = "/doctors?place=x%22%CC%81%20autofocus"
            let found = try await client.execute(uri: address, method: .get).text
            #expect(found.contains("value=\"x&quot;\u{301} autofocus\""))
        }
    }

    @Test func `offers a drawn example of each class marked as such`() async throws {
        try await TestSite.run(demonstration: TestSite.screener()) { client in
            let home = try await client.execute(uri: "/", method: .get).text
            for key in ["benign", "early-pre-b", "pre-b", "pro-b"] {
                #expect(home.contains("href=\"/examples/\(key)\""))
                let page = try await client.execute(uri: "/examples/\(key)", method: .get)
                #expect(page.status == .ok)
                #expect(page.text.contains("Drawn image, demonstration model"))
            }
            #expect(home.contains("Drawn image, demonstration model"))
            #expect(try await client.execute(uri: "/examples/none", method: .get).status == .notFound)
        }
    }

    @Test func `shows no examples without a demonstration model`() async throws {
        try await TestSite.run { client in
            let home = try await client.execute(uri: "/", method: .get)
            #expect(home.status == .ok && !home.text.contains("/examples/"))
            let example = try await client.execute(uri: "/examples/pre-b", method: .get)
            #expect(example.status == .notFound)
        }
    }

    @Test func `explains the classes with drawings`() async throws {
        try await TestSite.run { client in
            let page = try await client.execute(uri: "/learn", method: .get).text
            for name in Self.names { #expect(page.contains(name)) }
            #expect(page.components(separatedBy: "/assets/example-").count == 5)
            #expect(page.contains("has no measured figures"))
        }
    }

    @Test func `has no inline script or style`() async throws {
        let page = try await resultPage(TestSite.screener())
        try await TestSite.run(demonstration: TestSite.screener()) { client in
            var pages = [page]
            for path in ["/", "/learn", "/nowhere"] {
                pages.append(try await client.execute(uri: path, method: .get).text)
            }
            for page in pages {
                #expect(!page.contains(" style="))
                #expect(!page.contains("<style"))
                #expect(page.matches(of: /<script(?![^>]* src=)/).isEmpty)
                #expect(page.matches(of: #/ on[a-z]+=/#).isEmpty)
                #expect(!page.contains("{{"))
            }
        }
    }
}
