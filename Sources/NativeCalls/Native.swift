import CStatus

/// Calls of this package's C functions, which answer a status and, where they fail, a text.
public enum Native {
    /// Where a C function writes why it failed.
    public typealias ErrorText = UnsafeMutablePointer<CSError>

    /// Calls a C function with room for an error text.
    /// - Parameters:
    ///   - body: Calls the function with the room as its last argument.
    ///   - failure: Makes the error of the calling module out of the status and the text.
    /// - Throws: What `failure` makes, unless the function succeeded.
    public static func call<Failure: Error>(
        _ body: (ErrorText) -> CSStatus, orThrow failure: (CSStatus, String) -> Failure
    ) throws(Failure) {
        let refusal = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> Failure? in
            buffer.initialize(repeating: 0)
            var error = CSError(text: buffer.baseAddress, capacity: buffer.count)
            let status = body(&error)
            guard status != CSSucceeded else { return nil }
            // A text that was cut may end within a character.
            let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return failure(status, String(decoding: bytes, as: UTF8.self))
        }
        if let refusal { throw refusal }
    }
}
