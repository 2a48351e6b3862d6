import CVision

/// Calls into CVision, with status and text turned into ``ImagingError``.
enum Native {
    typealias ErrorBuffer = UnsafeMutablePointer<CChar>?

    /// Calls `body` with a buffer for an error text.
    /// - Throws: ``ImagingError`` with `failure`, or `processingFailed` when memory ran out.
    static func call(
        failure: ImagingError.Code = .processingFailed, format: ImageFormat? = nil,
        _ body: (ErrorBuffer, Int) -> CVStatus
    ) throws {
        let text = try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer -> String? in
            buffer.initialize(repeating: 0)
            let status = body(buffer.baseAddress, buffer.count)
            if status == CVisionSucceeded { return nil }
            let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if status == CVisionOutOfMemory { throw ImagingError(.processingFailed, text, format: format) }
            return text
        }
        if let text { throw ImagingError(failure, text, format: format) }
    }

    /// Calls `body` with room for `width * height` RGB pixels and an error text.
    /// - Returns: `[height, width, 3]` bytes.
    static func pixels(
        width: Int, height: Int, failure: ImagingError.Code = .processingFailed, format: ImageFormat? = nil,
        _ body: (UnsafeMutablePointer<UInt8>?, ErrorBuffer, Int) -> CVStatus
    ) throws -> [UInt8] {
        let count = width * height * 3
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try call(failure: failure, format: format) { body(buffer.baseAddress, $0, $1) }
            initialized = count
        }
    }
}
