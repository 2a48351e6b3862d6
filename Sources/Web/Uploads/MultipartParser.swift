/// What a multipart body holds, in the order it arrives.
public enum MultipartEvent: Sendable, Equatable {
    /// A part starts; names of header fields in lower case.
    case partBegan(headers: [String: String])
    /// Some bytes of the current part's content.
    case content([UInt8])
    /// The current part is complete.
    case partEnded
    /// The closing delimiter was read.
    case finished
}

/// A streaming parser of `multipart/form-data` bodies (RFC 7578 over RFC 2046, section 5.1.1).
///
/// Feed it the body in pieces of any size. It keeps at most one part's headers or one possible delimiter in memory,
/// never a part's content. Once it has thrown, it is of no further use.
public struct MultipartParser: Sendable {
    /// Limits on what a sender may make the parser hold or do.
    public struct Limits: Sendable {
        /// Bytes in all header fields of one part.
        public var headerBytes: Int
        /// Parts in one body.
        public var parts: Int

        /// - Parameters:
        ///   - headerBytes: Bytes in all header fields of one part.
        ///   - parts: Parts in one body.
        public init(headerBytes: Int = 8192, parts: Int = 16) {
            self.headerBytes = headerBytes
            self.parts = parts
        }
    }

    private enum State: Sendable { case preamble, afterDelimiter, headers, content, epilogue }

    /// CRLF, two hyphens and the boundary.
    private let delimiter: [UInt8]
    private let limits: Limits
    private var state = State.preamble
    private var parts = 0
    // The first delimiter may stand at the very start, without the CRLF that belongs to it: pretend there was one.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var position = 0

    /// - Parameters:
    ///   - contentType: The request's `Content-Type`.
    ///   - limits: Limits on headers and parts.
    /// - Throws: `WebError.notMultipart` for another media type, `.malformedRequest` for a missing or wrong boundary.
    public init(contentType: String, limits: Limits = Limits()) throws {
        let header = try HeaderParameters(parsing: contentType)
        guard header.value == "multipart/form-data" else {
            throw WebError(.notMultipart, "errors.uploads.notMultipart")
        }
        guard let boundary = header.parameters["boundary"], Self.isBoundary(boundary) else {
            throw WebError(.malformedRequest, fault: "The multipart boundary is missing or breaks RFC 2046.")
        }
        self.delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + Array(boundary.utf8)
        self.limits = limits
    }

    /// Whether the closing delimiter was read.
    public var isFinished: Bool { state == .epilogue }

    /// Takes the next piece of the body.
    ///
    /// - Parameter bytes: The piece, of any size.
    /// - Returns: What this piece completed.
    /// - Throws: `WebError.malformedRequest` when the body breaks the format or a limit.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws -> [MultipartEvent] {
        guard state != .epilogue else { return [] }
        buffer.append(contentsOf: bytes)
        var events: [MultipartEvent] = []
        while try step(&events) {}
        buffer.removeFirst(position)
        position = 0
        return events
    }

    /// Declares the end of the body.
    ///
    /// - Throws: `WebError.malformedRequest` when the closing delimiter has not come.
    public func finish() throws {
        guard isFinished else { throw WebError(.malformedRequest, "errors.uploads.brokenOff") }
    }

    /// Moves one state on; false when more bytes are needed.
    private mutating func step(_ events: inout [MultipartEvent]) throws -> Bool {
        switch state {
        case .preamble:
            guard let start = findDelimiter() else {
                position = max(position, buffer.count - delimiter.count)
                return false
            }
            position = start + delimiter.count
            state = .afterDelimiter
            return true
        case .afterDelimiter: return try readDelimiterEnd(&events)
        case .headers: return try readHeaders(&events)
        case .content: return readContent(&events)
        case .epilogue: return false
        }
    }

    /// After the boundary stand two hyphens (the end), or white space and CRLF (another part).
    private mutating func readDelimiterEnd(_ events: inout [MultipartEvent]) throws -> Bool {
        var index = position
        guard buffer.count - index >= 2 else { return false }
        if buffer[index] == 0x2D && buffer[index + 1] == 0x2D {
            state = .epilogue
            position = buffer.count
            events.append(.finished)
            return false
        }
        while index < buffer.count, buffer[index] == 0x20 || buffer[index] == 0x09 { index += 1 }
        guard index - position <= 128 else { throw malformed("A multipart delimiter is padded without end.") }
        guard buffer.count - index >= 2 else { return false }
        guard buffer[index] == 0x0D, buffer[index + 1] == 0x0A else {
            throw malformed("A multipart delimiter is followed by other characters.")
        }
        parts += 1
        guard parts <= limits.parts else { throw malformed("The form has more than \(limits.parts) parts.") }
        // Keep the CRLF in the buffer: a part without header fields ends its empty header block with it.
        position = index
        state = .headers
        return true
    }

    private mutating func readHeaders(_ events: inout [MultipartEvent]) throws -> Bool {
        // `position` is at the CRLF that ended the delimiter line, so an empty block is CRLF CRLF as well.
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A], from: position) else {
            if buffer.count - position > limits.headerBytes {
                throw malformed("A part of the form has headers over \(limits.headerBytes) bytes.")
            }
            return false
        }
        guard end - position <= limits.headerBytes else {
            throw malformed("A part of the form has headers over \(limits.headerBytes) bytes.")
        }
        let block = end > position ? buffer[(position + 2)..<end] : []
        events.append(.partBegan(headers: try Self.headerFields(block)))
        position = end + 4
        state = .content
        return true
    }

    private mutating func readContent(_ events: inout [MultipartEvent]) -> Bool {
        if let start = findDelimiter() {
            if start > position { events.append(.content(Array(buffer[position..<start]))) }
            events.append(.partEnded)
            position = start + delimiter.count
            state = .afterDelimiter
            return true
        }
        // Everything but a tail that may be the start of a delimiter is content.
        let safe = buffer.count - delimiter.count + 1
        if safe > position {
            events.append(.content(Array(buffer[position..<safe])))
            position = safe
        }
        return false
    }

    private func findDelimiter() -> Int? { find(delimiter, from: position) }

    /// Index of the first occurrence of `pattern` at or after `start`.
    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        buffer.withUnsafeBufferPointer { bytes in
            var index = start
            let last = bytes.count - pattern.count
            while index <= last {
                if bytes[index] == pattern[0] {
                    var matched = 1
                    while matched < pattern.count, bytes[index + matched] == pattern[matched] { matched += 1 }
                    if matched == pattern.count { return index }
                }
                index += 1
            }
            return nil
        }
    }

    private func malformed(_ detail: String) -> WebError { WebError(.malformedRequest, fault: detail) }
}

extension MultipartParser {
    /// `boundary := 0*69<bchars> bcharsnospace` (RFC 2046, 5.1.1).
    private static func isBoundary(_ text: String) -> Bool {
        let allowed = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ".utf8)
        return (1...70).contains(text.utf8.count) && text.utf8.allSatisfy(allowed.contains) && text.last != " "
    }

    /// Splits a header block into fields (RFC 5322 without folding, which RFC 7578 senders do not use).
    private static func headerFields(_ block: ArraySlice<UInt8>) throws -> [String: String] {
        var fields: [String: String] = [:]
        for line in String(decoding: block, as: UTF8.self).split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw WebError(.malformedRequest, fault: "A part of the form has a header line without a name.")
            }
            let name = line[..<colon].lowercased()
            guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), fields[name] == nil else {
                throw WebError(.malformedRequest, fault: "A part of the form has a malformed or repeated header.")
            }
            fields[name] = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }.description
        }
        return fields
    }
}
