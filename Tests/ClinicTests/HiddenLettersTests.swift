import Clinic
import Findings
import Foundation
import Testing

/// Letters that nobody sees in what people are called and what they name.
@Suite struct HiddenLettersTests {
    @Test(arguments: [
        ("Anna\u{202E}oaR", "U+202E"), ("An\u{200B}na", "U+200B"), ("An\u{00AD}na", "U+00AD"),
        ("Anna\u{2066}", "U+2066"),
        ("An\u{200D}na", "U+200D"), ("\u{3164}", "U+3164"), ("An\u{E0041}na", "U+E0041"), ("\u{FEFF}Anna", "U+FEFF"),
        ("Anna\u{2028}Rao", "U+2028"), ("Anna\u{FFFE}", "U+FFFE"), ("தமிழ\u{200D}", "U+200D"),
    ])
    func `are refused at the field, by their number`(_ text: String, _ letter: String) throws {
        let fields: [(String, () throws -> String)] = [
            ("name", { try AccountRules.name(text) }), ("label", { try AccountRules.label(text) }),
            ("title", { try SmearCase.title(text) }),
        ]
        for (field, rule) in fields {
            // A line separator ends a word of a title, as a line break does.
            if field == "title", letter == "U+2028" { continue }
            let error = try #require(throws: ClinicError.self) { _ = try rule() }
            #expect(error.field == field)
            #expect(error.message == Message("errors.texts.hidden", ["letter": .text(letter)]), "\(error)")
        }
        if letter == "U+2028" { return }
        let entry = DirectoryFixture.entry { $0.name = "Dr. \(text)" }
        let problems = try #require(throws: DoctorEntryProblems.self) {
            _ = try entry.checked(now: DirectoryFixture.now)
        }
        #expect(problems.problems.map(\.field) == ["name"])
    }

    @Test(arguments: [
        "Anna Rao", "O’Brien-Łuczak", "தமிழ்", "क्\u{200D}ष", "ശ്രീ\u{200D}ജ", "می\u{200C}خواهم", "👩\u{200D}⚕️ Anna", "李娜",
        "עדי", "രാമന്\u{200D}",
    ])
    func `what scripts need to be written stays`(_ name: String) throws {
        #expect(try AccountRules.name(name) == name)
        #expect(try SmearCase.title(name) == name)
    }

    @Test func `addresses are the same from any keyboard`() throws {
        let (composed, apart) = ("ren\u{E9}@example.org", "Rene\u{301}@Example.org ")
        #expect(Array(try AccountRules.email(apart).utf8) == Array(composed.utf8))
        #expect(Array(AccountRules.address(apart).utf8) == Array(composed.utf8))
    }
}
