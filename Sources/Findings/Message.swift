import Foundation

/// What is to be told to a person: a key of the catalogue and the facts that its sentence needs, in no language.
///
/// The sentence is made when it is shown, in the reader's language (`Wording`).
public struct Message: Codable, Sendable, Hashable {
    /// The path of the text in the catalogue, as in `errors.readings.commentTooLong`.
    public let key: String
    /// What the sentence has in place of `{name}`.
    public let facts: [String: Fact]

    public init(_ key: String, _ facts: [String: Fact] = [:]) {
        self.key = key
        self.facts = facts
    }
}

/// One fact of a message; how it is written depends on the language of whoever reads it.
public enum Fact: Codable, Sendable, Hashable {
    /// What somebody typed, a name, a file: written as it is.
    case text(String)
    /// How many; a text with the forms `one` and `other` is chosen by the fact named `count`.
    case count(Int)
    /// A measured number, written with three significant digits.
    case number(Double)
    /// A measured number beside its limit, or the other way round: written with at least three significant digits, and as
    /// many as it takes to tell the two apart.
    case compared(Double, with: Double)
    /// A share from 0 to 1, written as a percentage with one decimal.
    case share(Double)
    /// The path of another text in the catalogue.
    case term(String)
    /// Several, written one after the other with commas.
    indirect case list([Fact])
}

extension Fact: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .count(value) }
}
