import Crypto
import Formats
import Foundation

/// One request to an S3 store, before it is signed.
struct S3Request: Sendable {
    enum Method: String, Sendable { case get = "GET", head = "HEAD", put = "PUT", post = "POST", delete = "DELETE" }

    /// Bytes of an answer in XML.
    static let maximumXML = 4 << 20

    let method: Method
    /// The object's whole name; nil for the bucket.
    let object: String?
    var query: [String: String] = [:]
    /// Fields of the head besides those that libcurl makes.
    var fields: [String: String] = [:]
    /// Nil for none, which is not the same as an empty one.
    var body: [UInt8]?
    var maximumAnswer = maximumXML
    /// Whether it may be sent again when nobody knows what became of it.
    var isRepeatable = true

    init(_ method: Method, _ object: String?) { (self.method, self.object) = (method, object) }

    /// One with a body, which the store is to compare with its checksums: SHA-256, which is signed, and MD5, which stores check
    /// that pass over the other (RFC 1864).
    ///
    /// - Parameter sha256: Of the body, where it is known already.
    init(
        _ method: Method, _ object: String?, sending body: [UInt8], as type: String = "application/octet-stream",
        sha256: String? = nil
    ) {
        self.init(method, object)
        self.body = body
        fields = [
            "Content-Type": type, "Content-MD5": Data(Insecure.MD5.hash(data: body)).base64EncodedString(),
            "x-amz-content-sha256": sha256 ?? SHA256.hash(data: body).hexadecimal,
        ]
    }

    /// The URL with its query in the order and with the escapes that are signed (RFC 3986).
    func url(at location: S3Location) -> String {
        let items = query.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
        return location.url(of: object) + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            StoredName.isLetterOrDigit(byte) || "-_.~".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + String([byte].hexadecimal).uppercased()
        }.joined()
    }
}

/// What an S3 store answered.
struct S3Answer: Sendable {
    let status: Int
    /// By their names in lower case.
    let fields: [String: String]
    let body: [UInt8]

    init(status: Int, head: String, body: [UInt8]) {
        (self.status, self.body) = (status, body)
        var fields: [String: String] = [:]
        for line in head.split(whereSeparator: \.isNewline) {
            // Of several heads, such as one of a 100 before, the last counts.
            if line.hasPrefix("HTTP/") { fields = [:] }
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        self.fields = fields
    }

    var isGood: Bool { (200..<300).contains(status) }

    /// Whether the same request may be taken in a moment: the store is overloaded, or a part of it is away.
    var isPassing: Bool { status >= 500 && status != 501 || status == 429 || code == "RequestTimeout" }

    /// The name of the error; nil where the answer names none.
    var code: String? {
        guard !isGood, body.first == UInt8(ascii: "<"), let document = try? S3Document(body), document.root == "Error"
        else { return nil }
        return document.first("Code")
    }

    /// Whether there is no such object, in a bucket that is there.
    var saysNoSuchKey: Bool { status == 404 && code == "NoSuchKey" }
}
