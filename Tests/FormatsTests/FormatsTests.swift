import Formats
import Foundation
import Testing

@Suite struct FormatsTests {
    private struct Note: Codable, Equatable {
        var zone = "Europe/Berlin"
        var at = Date(timeIntervalSince1970: 1_780_000_000)
        var first: [String: Int] = ["b": 2, "a": 1]
    }

    @Test func `bytes are written as two lower-case digits each`() {
        #expect([UInt8(0), 9, 10, 171, 255].hexadecimal == "00090aabff")
        #expect([UInt8]().hexadecimal == "")
    }

    @Test func `the checksum is the one of the standard's own example`() {
        #expect(Array("123456789".utf8).crc32 == 0xCBF4_3926)
        #expect([UInt8]().crc32 == 0)
    }

    @Test func `a line of JSON has its keys sorted, plain slashes and an ISO 8601 date`() throws {
        let text = try JSONFormat.line.text(Note())
        #expect(text == #"{"at":"2026-05-28T20:26:40Z","first":{"a":1,"b":2},"zone":"Europe/Berlin"}"#)
    }

    @Test(arguments: [JSONFormat.line, .file]) func `both ways of writing JSON round-trip`(format: JSONFormat) throws {
        let data = try format.data(Note())
        #expect(try JSONFormat.decode(Note.self, from: data) == Note())
        #expect(data.contains(0x0A) == (format == .file))
    }

    /// Each of these marks with an accent behind it is one `Character`, and no longer the mark alone.
    @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}", "\u{20DD}"])
    func `what is escaped stays so with an accent behind it`(accent: String) {
        #expect("a\"\(accent)<\(accent)&'".escapedForMarkup == "a&quot;\(accent)&lt;\(accent)&amp;&#39;")
        #expect("plain".escapedForMarkup == "plain")
        #expect(CSV.line(["x\"\(accent),y", "z"]) == "\"x\"\"\(accent),y\",z\r\n")
        #expect(CSV.plain("=\(accent)1+1") == "'=\(accent)1+1")
        #expect(CSVReader.records(in: CSV.line(["x\"\(accent),y", "z"])).map(\.fields) == [["x\"\(accent),y", "z"]])
    }

    @Test func `a field that begins with a line break is no formula`() {
        #expect(CSV.plain("\r\n=1+1") == "'\r\n=1+1" && CSV.plain("\n=1+1") == "'\n=1+1")
        #expect(CSV.plain("one") == "one" && CSV.plain("") == "")
    }

    @Test func `a number that is not finite is refused`() {
        #expect(throws: EncodingError.self) { _ = try JSONFormat.line.data([Double.nan]) }
    }
}
