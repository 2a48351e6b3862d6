import Foundation
import Testing
import Wording

/// Holds the texts to the words that were chosen for them.
@Suite struct PlainWordsTests {
    /// Phrases that have a plainer one in their place.
    private static let replaced = [
        "do not belong together", "present password", "present time", "make an account", "look into your mail",
        "say together", "prediction set", "declared coverage", "remains possible", "how it was seen",
        "the order comes about", "where the doctor should be", "appointment to come", "called off", "this form is for",
        "was quicker", "not in this list", "dates that differ", "found like that", "account is open again",
        "this address knows",
    ]

    /// Spellings and words beside the one that the glossary, or most texts of the language, have.
    private static let others = [
        "ta": [
            "மைக்ராஸ்கோப", "நுண்ணோக்கி", "ஏற்கனவே", "சிவப்பணு", "வெள்ளையணு", "சேவையக", "பிரவுசர", "ஆய்வக", "டாக்டர", "லூகேமியா",
            "ஸ்மீயர", "ஈமெயில", "பாஸ்வேர்ட",
        ],
        "hi": ["ई-मेल", "प्रतीक्षा", "प्रयोगशाला", "परिणाम", "रोगी", "स्मियर", "ख़ून", "गलत", "शेयर", "उपकरण"],
    ]

    /// Where a text of a language has some words.
    private static func places(of words: String, in language: String) throws -> [String] {
        let file = TextCatalogue.installed.appending(path: "\(language).json")
        var found: [String] = []
        func walk(_ node: Any, _ path: String) {
            if let text = node as? String {
                if text.lowercased().contains(words) { found.append("\(path): \(text)") }
            } else if let list = node as? [Any] {
                for (index, one) in list.enumerated() { walk(one, "\(path)[\(index)]") }
            } else if let branch = node as? [String: Any] {
                for (name, child) in branch { walk(child, "\(path).\(name)") }
            }
        }
        walk(try JSONSerialization.jsonObject(with: Data(contentsOf: file)), "")
        return found.sorted()
    }

    @Test(arguments: replaced)
    func `no text has a phrase that was replaced by a plainer one`(_ phrase: String) throws {
        #expect(try Self.places(of: phrase, in: "en").isEmpty)
        // The search itself finds what is there.
        #expect(try !Self.places(of: "wrong e-mail or password", in: "en").isEmpty)
    }

    @Test(arguments: others.keys.sorted())
    func `a language has one word for one thing`(_ language: String) throws {
        for word in Self.others[language] ?? [] {
            let found = try Self.places(of: word, in: language)
            #expect(found.isEmpty, "\(word): \(found)")
        }
    }
}
