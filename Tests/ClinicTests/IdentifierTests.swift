import Clinic
import Testing

@Suite struct IdentifierTests {
    @Test func `a new one can stand on a command line, where a hyphen begins an option`() {
        for _ in 0..<2000 { #expect(!CaseID().text.hasPrefix("-")) }
    }

    @Test func `one that begins with a hyphen, as earlier versions made them, is still read`() {
        let text = "-" + String(repeating: "a", count: 21)
        #expect(CaseID(text)?.text == text)
    }
}
