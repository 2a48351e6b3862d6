import CZlib
import Foundation
import HTTPTypes
import Hummingbird

/// Compresses static files once, when the server starts, and pages.
enum Gzip {
    /// Whether a request takes an answer that is compressed so.
    static func isAccepted(by request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains(where: isGzip)
    }

    /// Whether one member of `Accept-Encoding` allows gzip (RFC 9110, 12.5.3).
    private static func isGzip(_ member: Substring) -> Bool {
        let parts = member.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        return parts.first == "gzip"
            && !parts.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { "123456789".contains($0) } }
    }

    /// Compresses a file's content.
    ///
    /// - Parameter content: The bytes to compress.
    /// - Returns: The compressed bytes (RFC 1952), or nil where they are no fewer.
    /// - Throws: `WebError.resource` when there is no memory for it.
    static func compress(_ content: Data) throws -> Data? {
        var stream = z_stream()
        // 16 added to the window bits asks for a gzip header (zlib.h, deflateInit2); it names no time, so that equal files
        // stay equal.
        let started = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw WebError(.resource, fault: "zlib refused: status \(started).") }
        defer { deflateEnd(&stream) }
        var input = [UInt8](content)
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(input.count))))
        let status = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { throw WebError(.resource, fault: "zlib refused: status \(status).") }
        let compressed = Data(output.prefix(Int(stream.total_out)))
        return compressed.count < content.count ? compressed : nil
    }
}
