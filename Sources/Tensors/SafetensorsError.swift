/// Why a safetensors file could not be read or written.
public struct SafetensorsError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Code: String, Sendable, CaseIterable {
        /// The file could not be opened or read.
        case unreadable
        /// The file could not be written.
        case unwritable
        /// The bytes end before the header does.
        case truncated
        /// The header is not the JSON object that the format asks for.
        case malformedHeader
        /// Two entries have one name.
        case duplicateName
        /// The element type is none that is read, such as a float of 8 bits.
        case unsupportedType
        /// The offsets of a tensor lie outside the data, overlap another's or leave a hole.
        case offsetOutOfRange
        /// The offsets do not hold as many bytes as shape and element type need.
        case sizeMismatch
        /// A tensor has the name that the format keeps for metadata.
        case reservedName
    }

    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The tensor concerned, if it is one.
    public let tensor: String?
    /// The file concerned, if there is one.
    public let path: String?
    /// What the file system or the JSON parser said.
    public let underlying: (any Error)?

    public init(
        _ code: Code, _ message: String, tensor: String? = nil, path: String? = nil, underlying: (any Error)? = nil
    ) {
        (self.code, self.message, self.tensor, self.path, self.underlying) = (code, message, tensor, path, underlying)
    }

    public var description: String {
        var text = path.map { "\($0): " } ?? ""
        if let tensor { text += "tensor '\(tensor)': " }
        text += message
        if let underlying { text += " (\(underlying))" }
        return text
    }

    /// The same error, with the file it arose in.
    public func inFile(_ path: String) -> SafetensorsError {
        SafetensorsError(code, message, tensor: tensor, path: path, underlying: underlying)
    }
}
