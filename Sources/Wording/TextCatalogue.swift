import Findings
import Foundation

/// All words that people are shown, in one language, read from `Resources/Texts/<language>.json`.
///
/// The file is a tree of objects and lists whose leaves are strings; `screen.title` names a leaf. Templates reach it as
/// `{{text.screen.title}}`. Another language is another file with the same keys; a text that it lacks is that of English.
public struct TextCatalogue: Sendable {
    fileprivate indirect enum Node: Sendable, Decodable {
        case text(String)
        case list([Node])
        case branch([String: Node])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do {
                self = .text(try container.decode(String.self))
            } catch DecodingError.typeMismatch {
                do {
                    self = .list(try container.decode([Node].self))
                } catch DecodingError.typeMismatch {
                    self = .branch(try container.decode([String: Node].self))
                }
            }
        }

        /// What a template gets for this node.
        var rendered: Any {
            switch self {
            case .text(let text): text
            case .list(let nodes): nodes.map(\.rendered)
            case .branch: Branch(node: self)
            }
        }

        /// The same, with what it lacks taken of another tree; so is what is of another kind there.
        func filled(from other: Node) -> Node {
            switch (self, other) {
            case (.branch(let own), .branch(let others)): .branch(own.merging(others) { $0.filled(from: $1) })
            case (.text, .text), (.list, .list): self
            default: other
            }
        }

        /// What stands under a dotted name.
        func find(_ key: String) -> Node? {
            var node = self
            for name in key.split(separator: ".") {
                guard case .branch(let children) = node, let child = children[String(name)] else { return nil }
                node = child
            }
            return node
        }
    }

    /// A part of the tree, as templates go down in it.
    public struct Branch: Sendable {
        fileprivate let node: Node

        /// What a template gets for the next step of a dotted name: a text, a list, or another branch.
        public func child(named name: String) -> Any? { node.find(name)?.rendered }
    }

    private let root: Node
    /// Its IETF language tag (RFC 5646), such as `ta`: the file's name.
    public let language: String
    /// The locale of dates, numbers, lists, and of the names of languages and countries.
    public let locale: Locale
    private let plurals: PluralRules

    /// - Parameters:
    ///   - file: A JSON file of texts, named after its language.
    ///   - fallback: Whose texts stand in for those that the file lacks.
    /// - Throws: `WordingError` when the file is missing, is no tree of strings, or has plural rules that cannot be read.
    public init(file: URL, fallback: TextCatalogue? = nil) throws {
        let own: Node
        do {
            own = try JSONDecoder().decode(Node.self, from: Data(contentsOf: file))
        } catch {
            throw WordingError("The texts in \(file.lastPathComponent) cannot be read: \(error)")
        }
        language = file.deletingPathExtension().lastPathComponent
        root = fallback.map { own.filled(from: $0.root) } ?? own
        if case .text(let identifier)? = own.find("language.locale") {
            locale = Locale(identifier: identifier)
        } else {
            locale = Locale(identifier: language)
        }
        guard case .branch(let rules)? = own.find("language.plurals") else {
            guard let fallback else { throw WordingError("\(file.lastPathComponent) lacks language.plurals.") }
            plurals = fallback.plurals
            return
        }
        plurals = try PluralRules(rules.compactMapValues { if case .text(let rule) = $0 { rule } else { nil } })
    }

    /// Finds a text.
    ///
    /// - Parameters:
    ///   - key: The path to it, separated by dots.
    ///   - values: What to put in place of `{name}`.
    /// - Returns: The text, or nil when the catalogue has none.
    public func find(_ key: String, _ values: [String: String] = [:]) -> String? {
        guard case .text(let text)? = root.find(key) else { return nil }
        return values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// A list of texts.
    ///
    /// - Parameter key: The path to it, separated by dots.
    /// - Returns: The texts, none when the catalogue has no such list.
    public func list(_ key: String) -> [String] {
        guard case .list(let nodes)? = root.find(key) else { return [] }
        return nodes.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// A text, or its key where the catalogue has none, so that a gap is seen and nothing fails.
    public func callAsFunction(_ key: String, _ values: [String: String] = [:]) -> String {
        find(key, values) ?? key
    }

    /// A text in the form that goes with a number, by the language's plural rules: of `one` and `other`, and where the language
    /// has them of `zero`, `two`, `few` and `many`. The forms know the number as `count`.
    public func counted(_ key: String, _ number: Int, _ values: [String: String] = [:]) -> String {
        let values = values.merging(["count": self.number(number)]) { $1 }
        return find("\(key).\(plurals.category(of: number))", values) ?? self("\(key).other", values)
    }

    /// The plural categories of which the language has forms, such as `one` and `other`.
    public var pluralCategories: [String] { plurals.categories }

    /// A whole number for people: from five digits on in groups, as the language has them.
    public func number(_ number: Int) -> String {
        number.magnitude < 10_000
            ? String(number) : number.formatted(IntegerFormatStyle<Int>(locale: locale).grouping(.automatic))
    }

    /// The language's own name for itself.
    public var name: String { self("language.name") }

    /// That a native reader has yet to check the wording; nil in a language that is written by those who read it.
    public var unchecked: String? { find("language.unchecked").flatMap { $0.isEmpty ? nil : $0 } }

    /// What a template gets for the first step of a dotted name: a text, a list, or a branch.
    public func child(named name: String) -> Any? { Branch(node: root).child(named: name) }
}

extension TextCatalogue {
    /// The folder of the languages that are installed.
    public static var installed: URL { Bundle.module.bundleURL.appending(path: "Texts") }

    /// The language whose texts stand in for those that another lacks.
    public static var base: String { "en" }

    /// The texts of a language.
    ///
    /// - Parameters:
    ///   - language: An IETF language tag, such as `en`.
    ///   - folder: Where its file is.
    /// - Throws: `WordingError` when there is no such file, or it is no tree of strings.
    public init(language: String, in folder: URL = Self.installed) throws {
        let file = folder.appending(path: "\(language).json")
        try self.init(file: file, fallback: language == Self.base ? nil : Self.english(in: folder))
    }

    /// English as it stands in a folder, or as it is installed.
    static func english(in folder: URL) throws -> TextCatalogue {
        let file = folder.appending(path: "\(base).json")
        return try TextCatalogue(
            file: FileManager.default.fileExists(atPath: file.path) ? file : installed.appending(path: "\(base).json"))
    }

    /// The sentence of a message.
    public func callAsFunction(_ message: Message) -> String {
        let values = message.facts.mapValues { written($0) }
        guard case .count(let count)? = message.facts["count"], find(message.key) == nil else {
            return self(message.key, values)
        }
        return counted(message.key, count, values)
    }

    /// What an error tells people; of one that the catalogue does not tell of, its description, for operators.
    public func callAsFunction(_ error: any Error) -> String { self(Message(error)) }

    private func written(_ fact: Fact) -> String {
        switch fact {
        case .text(let text): text
        case .count(let count): self.number(count)
        case .number(let number): Self.number(number)
        case .compared(let value, let other): Self.number(value, apartFrom: other)
        case .share(let share): String(format: "%.1f %%", share * 100)
        case .term(let key): self(key)
        case .list(let facts): facts.map { written($0) }.joined(separator: ", ")
        }
    }

    /// As many significant digits as it takes to tell the two apart, at least three.
    private static func number(_ value: Double, apartFrom other: Double) -> String {
        let pairs = (3...7).lazy.map { (number(value, significantDigits: $0), number(other, significantDigits: $0)) }
        return pairs.first { $0.0 != $0.1 }?.0 ?? "\(value)"
    }

    private static func number(_ value: Double, significantDigits: Int = 3) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        let digits = max(0, significantDigits - 1 - Int(log10(abs(value)).rounded(.down)))
        return String(format: "%.\(digits)f", value)
    }
}

/// A catalogue that cannot be read.
public struct WordingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, for whoever installs the program.
    public let message: String

    init(_ message: String) { self.message = message }

    public var description: String { message }
}
