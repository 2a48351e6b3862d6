import CVision
import NativeCalls

/// Calls into CVision, with status and text turned into ``ImagingError``.
extension Native {
    /// Calls `body` with room for an error text.
    /// - Throws: ``ImagingError`` with `failure`, or `processingFailed` when memory ran out.
    static func call(
        failure: ImagingError.Code = .processingFailed, format: ImageFormat? = nil, _ body: (ErrorText) -> CSStatus
    ) throws(ImagingError) {
        try call(body) { ImagingError($0 == CSOutOfMemory ? .processingFailed : failure, $1, format: format) }
    }

    /// Calls `body` with room for `width * height` RGB pixels and an error text.
    /// - Returns: `[height, width, 3]` bytes.
    static func pixels(
        width: Int, height: Int, failure: ImagingError.Code = .processingFailed, format: ImageFormat? = nil,
        _ body: (UnsafeMutablePointer<UInt8>?, ErrorText) -> CSStatus
    ) throws -> [UInt8] {
        let count = width * height * 3
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try call(failure: failure, format: format) { body(buffer.baseAddress, $0) }
            initialized = count
        }
    }
}
