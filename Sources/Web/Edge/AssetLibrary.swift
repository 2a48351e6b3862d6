import Crypto
import Formats
import Foundation
import HTTPTypes
import Hummingbird

/// The static files, held in memory, compressed once, under names that change with their content.
///
/// Because a name never stands for two contents, browsers may keep a file for a year (RFC 8246, `immutable`).
struct AssetLibrary: Sendable {
    private struct Asset: Sendable {
        let contentType: String
        let content: ByteBuffer
        let compressed: ByteBuffer?
        let tag: String
    }

    private var assets: [String: Asset] = [:]
    private var addresses: [String: String] = [:]

    /// Adds a file.
    ///
    /// - Parameters:
    ///   - content: The file's bytes.
    ///   - name: Its name with extension, by which pages ask for its address.
    mutating func add(_ content: Data, named name: String) async throws {
        let tag = SHA256.hash(data: content).prefix(6).hexadecimal
        let base = name.prefix { $0 != "." }
        let type = name.dropFirst(base.count)
        let address = "\(base).\(tag)\(type)"
        let contentType = Self.contentType(of: name)
        let isText = !contentType.hasPrefix("image/") || contentType == "image/svg+xml"
        let compressed = isText ? try Gzip.compress(content) : nil
        assets[address] = Asset(
            contentType: contentType, content: ByteBuffer(bytes: content),
            compressed: compressed.map { ByteBuffer(bytes: $0) }, tag: "\"\(tag)\"")
        addresses[name] = "/assets/\(address)"
    }

    /// Adds a file from the disk.
    ///
    /// - Throws: `WebError.resource` when it cannot be read.
    mutating func add(file: URL, named name: String? = nil) async throws {
        let content: Data
        do {
            content = try Data(contentsOf: file)
        } catch {
            throw WebError(.resource, fault: "\(file.path) cannot be read (is the package that holds it installed?)")
        }
        try await add(content, named: name ?? file.lastPathComponent)
    }

    /// The address of a file on this server.
    ///
    /// - Throws: `WebError.resource` when no such file was added.
    func address(of name: String) throws -> String {
        guard let address = addresses[name] else { throw WebError(.resource, fault: "\(name) is no static file.") }
        return address
    }

    /// Answers a request for a file.
    ///
    /// - Throws: `WebError.notFound` for an unknown name.
    func response(to request: Request, name: String) throws -> Response {
        guard let asset = assets[name] else { throw WebError(.notFound, "errors.nothingHere") }
        var headers: HTTPFields = [
            .contentType: asset.contentType, .eTag: asset.tag, .cacheControl: "public, max-age=31536000, immutable",
            .vary: "Accept-Encoding",
        ]
        if request.headers[.ifNoneMatch] == asset.tag { return Response(status: .notModified, headers: headers) }
        if let compressed = asset.compressed, Gzip.isAccepted(by: request) {
            headers[.contentEncoding] = "gzip"
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: compressed))
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.content))
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "jpg": "image/jpeg"
        case "png": "image/png"
        default: "application/octet-stream"
        }
    }
}
