import CZlib

/// Unpacks deflated bytes (RFC 1951) through zlib, never to more than was announced.
enum Inflation {
    /// - Parameters:
    ///   - packed: Raw deflate, without a zlib or gzip header.
    ///   - size: Bytes that must come out, no more and no fewer.
    /// - Throws: `PackagingError` when others come out.
    static func inflate(_ packed: ArraySlice<UInt8>, to size: Int) throws -> [UInt8] {
        var stream = z_stream()
        // Negative window bits: no header (zlib.h, inflateInit2).
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw PackageFiles.unusable("there is no memory to unpack it")
        }
        defer { inflateEnd(&stream) }
        // One byte more than announced, so that too much is seen and not only cut off.
        var output = [UInt8](repeating: 0, count: size + 1)
        let status = packed.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == size else {
            throw PackageFiles.unusable("a file in it has another size than the archive says, or is broken")
        }
        output.removeLast()
        return output
    }
}
