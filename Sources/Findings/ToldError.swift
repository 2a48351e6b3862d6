/// An error that people are told of: its sentence is in the catalogue (`Wording`), its description is for logs.
public protocol ToldError: Error, CustomStringConvertible {
    /// The sentence's key and facts; no personal data.
    var message: Message { get }
}

extension ToldError {
    public var description: String { message.description }
}

/// What can be a fact as it is.
public protocol FactConvertible: Sendable {
    var fact: Fact { get }
}

extension Int: FactConvertible {
    public var fact: Fact { .count(self) }
}

extension String: FactConvertible {
    public var fact: Fact { .text(self) }
}

extension [String]: FactConvertible {
    public var fact: Fact { .list(map { .text($0) }) }
}

extension Fact: FactConvertible {
    public var fact: Fact { self }
}

extension Message: CustomStringConvertible {
    /// - Parameters:
    ///   - key: The path of the sentence in the catalogue.
    ///   - facts: What the sentence has in place of `{name}`.
    public init(_ key: StaticString, facts: [String: any FactConvertible]) {
        self.init("\(key)", facts.mapValues(\.fact))
    }

    /// A fault of the installation, the stored data or a program that asks: what only who mends it needs to know.
    ///
    /// - Parameter detail: Whole sentences in technical English.
    public static func fault(_ detail: String) -> Message { Message("errors.fault", ["detail": .text(detail)]) }

    /// What an error tells; of one that the catalogue does not know, its description as a fault.
    public init(_ error: any Error) {
        self = (error as? any ToldError)?.message ?? .fault("\(error)")
    }

    /// The key and the facts, in the order of their names.
    public var description: String {
        ([key] + facts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }
}
