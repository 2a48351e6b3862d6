/// A header value with parameters, such as `form-data; name="image"` (RFC 9110, 5.6.6).
public struct HeaderParameters: Sendable, Equatable {
    /// The part before the first semicolon, in lower case.
    public let value: String
    /// The parameters, names in lower case; the first of several equal names wins.
    public let parameters: [String: String]

    /// Reads tokens and quoted strings with backslash escapes (RFC 9110, 5.6.4).
    ///
    /// - Parameter text: The header's value.
    /// - Throws: `WebError.malformedRequest` when a quoted string has no end or a parameter no name.
    public init(parsing text: String) throws {
        var rest = Array(text.utf8)[...]
        value = Self.token(&rest, until: [UInt8(ascii: ";")]).lowercased()
        var found: [String: String] = [:]
        while rest.popFirst() != nil {
            let name = Self.token(&rest, until: [UInt8(ascii: ";"), UInt8(ascii: "=")]).lowercased()
            if name.isEmpty && (rest.isEmpty || rest.first == UInt8(ascii: ";")) { continue }
            guard !name.isEmpty, rest.first == UInt8(ascii: "=") else {
                throw WebError(.malformedRequest, fault: "A header parameter has no name or no value.")
            }
            rest.removeFirst()
            let content = try Self.parameterValue(&rest)
            if found[name] == nil { found[name] = content }
        }
        parameters = found
    }

    private static func parameterValue(_ rest: inout ArraySlice<UInt8>) throws -> String {
        while let byte = rest.first, isSpace(byte) { rest.removeFirst() }
        guard rest.first == UInt8(ascii: "\"") else { return token(&rest, until: [UInt8(ascii: ";")]) }
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") {
                guard token(&rest, until: [UInt8(ascii: ";")]).isEmpty else {
                    throw WebError(
                        .malformedRequest, fault: "A quoted header parameter is followed by other characters.")
                }
                return String(decoding: bytes, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        throw WebError(.malformedRequest, fault: "A quoted header parameter has no closing quote.")
    }

    /// The bytes up to (not with) one of `ends`, without white space around them.
    private static func token(_ rest: inout ArraySlice<UInt8>, until ends: [UInt8]) -> String {
        let end = rest.firstIndex { ends.contains($0) } ?? rest.endIndex
        var bytes = rest[rest.startIndex..<end]
        rest = rest[end...]
        while let byte = bytes.first, isSpace(byte) { bytes.removeFirst() }
        while let byte = bytes.last, isSpace(byte) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
