/// Why a network could not be built, initialised, folded or written.
public struct NetworkError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// A node reads a result that no earlier node gives, has the name of another, or an output does not exist.
        case invalidGraph
        /// An operation cannot take inputs of these shapes.
        case shapeMismatch
        /// A parameter of the graph is not among the weights.
        case missingWeight
        /// A weight has another shape than its parameter.
        case weightShape
        /// A weight belongs to no parameter of the graph.
        case unexpectedWeight
        /// A weight has a value that it cannot have, such as a negative variance.
        case invalidWeight
        /// The file is missing or is no such model.
        case unreadable
        /// The file could not be written.
        case unwritable
    }

    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The node or the weight concerned.
    public let name: String?
    /// The shape that was needed, where the error is about one.
    public let expectedShape: [Int]?
    /// The shape that was found.
    public let actualShape: [Int]?
    /// What the file system or the encoder said.
    public let underlying: (any Error)?

    public init(
        _ code: Code, _ message: String, name: String? = nil, expectedShape: [Int]? = nil, actualShape: [Int]? = nil,
        underlying: (any Error)? = nil
    ) {
        (self.code, self.message, self.name) = (code, message, name)
        (self.expectedShape, self.actualShape, self.underlying) = (expectedShape, actualShape, underlying)
    }

    public var description: String {
        var text = name.map { "'\($0)': \(message)" } ?? message
        if let expectedShape { text += ", expected shape \(expectedShape)" }
        if let actualShape { text += ", found \(actualShape)" }
        if let underlying { text += " (\(underlying))" }
        return text
    }
}
