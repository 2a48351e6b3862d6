import Findings
import Foundation

/// All words that people are shown, in one language, read from `Resources/Texts/<language>.json`.
///
/// The file is a tree of objects and lists whose leaves are strings; `screen.title` names a leaf. Templates reach it as
/// `{{text.screen.title}}`. Another language is another file with the same keys.
public struct TextCatalogue: Sendable {
    private indirect enum Node: Sendable, Decodable {
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
            case .branch: TextCatalogue(root: self)
            }
        }
    }

    private let root: Node

    private init(root: Node) { self.root = root }

    /// - Parameter file: A JSON file of texts.
    /// - Throws: `WordingError` when the file is missing or is no tree of strings.
    public init(file: URL) throws {
        do {
            root = try JSONDecoder().decode(Node.self, from: Data(contentsOf: file))
        } catch {
            throw WordingError("The texts in \(file.lastPathComponent) cannot be read: \(error)")
        }
    }

    /// Finds a text.
    ///
    /// - Parameters:
    ///   - key: The path to it, separated by dots.
    ///   - values: What to put in place of `{name}`.
    /// - Returns: The text, or nil when the catalogue has none.
    public func find(_ key: String, _ values: [String: String] = [:]) -> String? {
        guard case .text(let text) = node(key) else { return nil }
        return values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    /// A list of texts.
    ///
    /// - Parameter key: The path to it, separated by dots.
    /// - Returns: The texts, none when the catalogue has no such list.
    public func list(_ key: String) -> [String] {
        guard case .list(let nodes) = node(key) else { return [] }
        return nodes.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    private func node(_ key: String) -> Node? {
        var node = root
        for name in key.split(separator: ".") {
            guard case .branch(let children) = node, let child = children[String(name)] else { return nil }
            node = child
        }
        return node
    }

    /// A text, or its key where the catalogue has none, so that a gap is seen and nothing fails.
    public func callAsFunction(_ key: String, _ values: [String: String] = [:]) -> String {
        find(key, values) ?? key
    }

    /// A text that says "one" or "several", by its forms `one` and `other`; they know the number as `count`.
    public func counted(_ key: String, _ number: Int, _ values: [String: String] = [:]) -> String {
        self("\(key).\(number == 1 ? "one" : "other")", values.merging(["count": String(number)]) { $1 })
    }

    /// What a template gets for the next step of a dotted name: a text, a list, or another catalogue.
    public func child(named name: String) -> Any? {
        guard case .branch(let children) = root else { return nil }
        return children[name]?.rendered
    }
}

extension TextCatalogue {
    /// The folder of the languages that are installed.
    public static var installed: URL { Bundle.module.bundleURL.appending(path: "Texts") }

    /// The texts of a language.
    ///
    /// - Parameters:
    ///   - language: An IETF language tag, such as `en`.
    ///   - folder: Where its file is.
    /// - Throws: `WordingError` when there is no such file, or it is no tree of strings.
    public init(language: String, in folder: URL = Self.installed) throws {
        try self.init(file: folder.appending(path: "\(language).json"))
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
        case .count(let count): String(count)
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
