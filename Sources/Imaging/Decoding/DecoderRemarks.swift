import CVision

/// What OpenCV, libjpeg, libpng and libtiff remark on a file that they decode all the same, such as a damaged piece of metadata.
public enum DecoderRemarks {
    /// Four lines of 160 characters, each with its end, and a zero.
    private static let capacity = 4 * 161 + 1

    /// Runs what decodes files, and keeps what is remarked meanwhile on the same thread; else nobody hears it.
    /// - Returns: What `body` returned, and the remarks: at most four different ones, of at most 160 characters of ASCII, without
    ///   what they quote from the file.
    public static func keeping<Value>(_ body: () throws -> Value) rethrows -> (Value, remarks: [String]) {
        cv_remarks_begin()
        let result: Value
        do { result = try body() } catch {
            cv_remarks_end(nil, 0)
            throw error
        }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            buffer.initialize(repeating: 0)
            cv_remarks_end(buffer.baseAddress, buffer.count)
            return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return (result, text.split(separator: "\n").map(String.init))
    }
}
