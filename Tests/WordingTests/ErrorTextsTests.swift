import Findings
import Foundation
import Testing
import Wording

/// Holds the catalogue's errors and reasons against what the program tells of.
@Suite struct ErrorTextsTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources").standardizedFileURL

    /// A key that a source names, and the facts that stand behind it.
    private struct Use {
        let key: String
        let facts: Set<String>
        let place: String
    }

    private static func uses() throws -> [Use] {
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.flatMap { file in
            let source = try String(contentsOf: file, encoding: .utf8)
            return source.matches(of: /"(errors\.[A-Za-z.]+)"/).map { match in
                Use(
                    key: String(match.output.1), facts: facts(behind: source[match.range.upperBound...]),
                    place: file.lastPathComponent)
            }
        }
    }

    /// The names in the dictionary that follows a key: `, ["count": .count(n), …]`.
    private static func facts(behind text: Substring) -> Set<String> {
        guard let open = text.prefixMatch(of: /,\s*\[/) else { return [] }
        var (depth, names): (Int, Set<String>) = (1, [])
        var rest = text[open.range.upperBound...]
        while depth > 0, let character = rest.first {
            if depth == 1, let name = rest.prefixMatch(of: /"([A-Za-z]+)":/) {
                names.insert(String(name.output.1))
                rest = rest[name.range.upperBound...]
                continue
            }
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) { depth -= 1 }
            rest = rest.dropFirst()
        }
        return names
    }

    /// The sentences of a branch, and the `{names}` in each; forms of one sentence taken together.
    private static func sentences(of branch: String, _ file: URL) throws -> [String: Set<String>] {
        let root = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any], "\(file.path)")
        var found: [String: Set<String>] = [:]
        func walk(_ node: Any?, _ path: String) {
            if let text = node as? String {
                found[path, default: []].formUnion(text.matches(of: /\{([A-Za-z]+)\}/).map { String($0.output.1) })
            } else if let branch = node as? [String: Any] {
                let isCounted = branch["other"] is String
                for (name, child) in branch { walk(child, isCounted ? path : "\(path).\(name)") }
            }
        }
        walk(root[branch], branch)
        return found
    }

    private static var languages: [URL] {
        get throws {
            try FileManager.default.contentsOfDirectory(at: TextCatalogue.installed, includingPropertiesForKeys: nil)
        }
    }

    @Test func `every error that the sources name has its sentence, with exactly its facts`() throws {
        let uses = try Self.uses()
        #expect(uses.count > 250)
        for language in try Self.languages {
            let sentences = try Self.sentences(of: "errors", language)
            for use in uses {
                let names = sentences[use.key]
                #expect(names != nil, "\(language.lastPathComponent) lacks \(use.key) of \(use.place)")
                if let names { #expect(names == use.facts, "\(use.key) of \(use.place)") }
            }
        }
    }

    @Test func `no sentence of an error is left over`() throws {
        let named = Set(try Self.uses().map(\.key))
        for language in try Self.languages {
            for key in try Self.sentences(of: "errors", language).keys {
                #expect(named.contains(key), "\(key) is not used")
            }
        }
    }

    @Test func `every reason has its sentence, with exactly its facts, and no sentence is left over`() throws {
        let compared: [(Double, Double) -> Reason] = [
            { .blurred(found: $0, limit: $1) }, { .tooDark(found: $0, limit: $1) },
            { .tooBright(found: $0, limit: $1) }, { .lowContrast(found: $0, limit: $1) },
            { .littleStained(found: $0, limit: $1) }, { .screen(found: $0, limit: $1) },
            { .lowConfidence(found: $0, limit: $1) }, { .tooUnfamiliarForBenign(found: $0, limit: $1) },
            { .unfamiliar(found: $0, limit: $1, aspect: nil) },
        ]
        var reasons = compared.map { $0(0.25, 0.5) }
        reasons += MissingContent.allCases.map { .notASmear(missing: $0) }
        reasons += AppearanceAspect.allCases.map { .unfamiliar(found: 0.25, limit: 0.5, aspect: $0) }
        reasons += [
            .severalClasses(classes: SmearClass.allCases, coverage: 0.9),
            .standsOut(label: .preB, confidence: 0.9, coverage: 0.9),
            .readersDisagree(label: .benign, evidence: 0.9, limit: 0.5),
            .readersDisagree(label: .preB, evidence: 0.1, limit: 0.3),
            .noUsableField(fields: 4), .fieldsDisagree(malignant: 1, read: 4), .told(sentence: "As it was."),
        ]
        reasons += MissingCheck.allCases.map { .unchecked(missing: $0) }
        for language in try Self.languages {
            var left = try Self.sentences(of: "reasons", language)
            for message in reasons.map(\.message) {
                #expect(
                    left[message.key, default: Set(message.facts.keys)] == Set(message.facts.keys), "\(message.key)")
                for case .term(let key) in message.facts.values where key.hasPrefix("reasons.") { left[key] = nil }
            }
            for key in reasons.map(\.message.key) { left[key] = nil }
            #expect(left.isEmpty, "\(left.keys.sorted())")
            let text = try TextCatalogue(file: language)
            for reason in reasons { #expect(!text(reason.message).hasPrefix("reasons.")) }
        }
    }

    @Test func `every note on an image has its sentence, with exactly its facts, and no sentence is left over`() throws
    {
        var notes: [ImageNote] = [
            .pages(count: 3, shown: 2), .pictures(count: 2), .animation, .samplesDropped(count: 1),
            .fewerBits(bits: 12), .coloursConverted, .eyepiece, .endMissing,
        ]
        notes += ImageNote.StackForm.allCases.map { .stack($0, pages: 3, channels: 2) }
        notes += ImageNote.ProfileFault.allCases.map { .profileIgnored($0) }
        for language in try Self.languages {
            let sentences = try Self.sentences(of: "imageNotes", language)
            var used: Set<String> = []
            for message in notes.map(\.message) {
                #expect(sentences[message.key] == Set(message.facts.keys), "\(message.key)")
                used.insert(message.key)
                for case .term(let key) in message.facts.values { used.insert(key) }
            }
            #expect(used == Set(sentences.keys))
            let text = try TextCatalogue(file: language)
            for note in notes {
                let sentence = text(note.message)
                #expect(!sentence.contains("{") && !sentence.contains("imageNotes."), "\(sentence)")
            }
        }
    }

    @Test func `no error is made with a sentence in place of a key`() throws {
        let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            for match in source.matches(of: /\b(?:Clinic|Web|Casework)Error\(\s*\.\w+,\s*"([^"]*)"/) {
                #expect(match.output.1.hasPrefix("errors."), "\(file.lastPathComponent): \(match.output.1)")
            }
        }
    }
}
