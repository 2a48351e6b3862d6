/// An error that people are told of: its sentence is in the catalogue (`Wording`), its description is for logs.
public protocol ToldError: Error, CustomStringConvertible {
    /// The sentence's key and facts; no personal data.
    var message: Message { get }
}

extension ToldError {
    public var description: String { message.description }
}

extension Message: CustomStringConvertible {
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
