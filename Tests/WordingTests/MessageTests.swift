import Findings
import Testing
import Wording

@Suite struct MessageTests {
    @Test func `a message becomes a sentence with its facts written for people`() throws {
        let text = try TextCatalogue(language: "en")
        #expect(text(Message("result.pixels", ["width": 3, "height": 4])) == "3 × 4 pixels")
        #expect(
            text(Message("result.pixels", ["width": .number(0.012345), "height": .share(0.5)]))
                == "0.0123 × 50.0 % pixels")
        #expect(
            text(Message("result.pixels", ["width": .term("classes.pre-b.name"), "height": .list(["a", "b"])]))
                == text("classes.pre-b.name") + " × a, b pixels")
    }

    @Test func `a message without a text shows its key and fails nothing`() throws {
        #expect(try TextCatalogue(language: "en")(Message("no.such.key", ["count": 2])).hasPrefix("no.such.key"))
    }

    @Test func `a counted sentence has the form of its number`() throws {
        let text = try TextCatalogue(language: "en")
        #expect(text(Message("errors.images.pending", ["count": 1])).hasPrefix("One of your images is"))
        #expect(text(Message("errors.images.pending", ["count": 7])).hasPrefix("7 of your images are"))
    }

    @Test func `an error that the catalogue does not tell of is described`() throws {
        struct Odd: Error, CustomStringConvertible { let description = "disk on fire" }
        #expect(try TextCatalogue(language: "en")(Odd()) == "disk on fire")
    }
}
