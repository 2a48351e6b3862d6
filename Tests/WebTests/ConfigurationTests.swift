import Findings
import Foundation
import Testing
import Web
import Wording

@Suite struct WebConfigurationTests {
    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]", "[0:0::0001]", "::ffff:127.0.0.1"])
    func `is open on loopback`(host: String) throws {
        var configuration = WebConfiguration()
        configuration.host = host
        try configuration.validate()
    }

    @Test(arguments: [
        "0.0.0.0", "::", "192.168.1.2", "example.org", "127.evil.example", "127.of.evil.example", "::ffff:10.0.0.7",
    ])
    func `refuses passwords in clear elsewhere`(host: String) throws {
        var configuration = WebConfiguration()
        configuration.host = host
        #expect { try configuration.validate() } throws: {
            guard let error = $0 as? WebError else { return false }
            return error.code == .configuration && error.description.contains("--public-url")
        }
        configuration.allowsHTTP = true
        try configuration.validate()
        configuration.allowsHTTP = false
        configuration.publicURL = URL(string: "https://smears.example.org")
        try configuration.validate()
    }

    @Test func `with a certificate the address has to be https, and the files have to be what they say`() async throws {
        var configuration = TestSite.configuration()
        let none = URL(filePath: "/none.pem")
        configuration.tls = TLSFiles(certificate: none, key: none)
        #expect(throws: WebError.self) { try configuration.validate() }
        configuration.publicURL = URL(string: "https://smears.lan:8443")
        try configuration.validate()
        try await TestSite.withServices { [configuration] services in
            let error = await #expect(throws: WebError.self) {
                _ = try await buildApplication(
                    configuration: configuration, services: services, logger: TestSite.quiet)
            }
            #expect(error?.code == .configuration && error?.description.contains("--certificate /none.pem") == true)
        }
    }

    @Test(arguments: [
        "http://smears.example.org", "ftp://x.example", "https://x.example/path", "https://x.example/?a=b",
        "https://user@x.example", "https://",
    ])
    func `refuses a public address that is none`(url: String) throws {
        var configuration = WebConfiguration()
        configuration.publicURL = URL(string: url)
        #expect(throws: WebError.self) { try configuration.validate() }
    }
}

@Suite struct TextCatalogueTests {
    static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
        .standardizedFileURL

    static var languages: [URL] {
        get throws {
            try FileManager.default.contentsOfDirectory(
                at: sources.appending(path: "Wording/Resources/Texts"), includingPropertiesForKeys: nil)
        }
    }

    @Test func `holds every text that a template names`() throws {
        let templates = try FileManager.default.contentsOfDirectory(
            at: Self.sources.appending(path: "Web/Resources/Templates"), includingPropertiesForKeys: nil)
        var checked = 0
        for language in try Self.languages {
            let texts = try TextCatalogue(file: language)
            for template in templates {
                for match in try String(contentsOf: template, encoding: .utf8).matches(
                    of: /\{\{[#^]?text\.([A-Za-z0-9.]+)\}\}/)
                {
                    let key = String(match.output.1)
                    #expect(texts.child(named: key) != nil, "\(language.lastPathComponent) lacks \(key)")
                    checked += 1
                }
            }
        }
        #expect(checked > 50)
    }

    @Test func `fills in values`() throws {
        let texts = try TextCatalogue(language: "en")
        #expect(texts("result.pixels", ["width": "3", "height": "4"]) == "3 × 4 pixels")
        #expect(texts("no.such.key") == "no.such.key")
        #expect(texts.find("classes") == nil)
        #expect(texts.list("classes.pre-b.next").count >= 2)
    }

    @Test(arguments: ["benign", "early-pre-b", "pre-b", "pro-b"]) func `says everything of a class`(key: String) throws
    {
        for language in try Self.languages {
            let texts = try TextCatalogue(file: language)
            for name in ["name", "short", "look", "meaning"] { #expect(texts.find("classes.\(key).\(name)") != nil) }
            #expect(!texts.list("classes.\(key).next").isEmpty)
        }
    }
}
