import Clinic
import Formats
import Foundation
import Offloading

/// How a file is cut for an upload in parts.
public enum S3Parts {
    /// Bytes of a part but the last; stores ask for 5 MiB at least.
    public static let partBytes = 8 << 20
    /// A file up to so many bytes goes in one request.
    public static let wholeBytes = 16 << 20

    /// The parts of a file, in their order: one for a file that goes in one request, also for an empty one.
    public static func ranges(of byteCount: Int) -> [Range<Int>] {
        guard byteCount > wholeBytes else { return [0..<max(0, byteCount)] }
        return stride(from: 0, to: byteCount, by: partBytes).map { $0..<min($0 + partBytes, byteCount) }
    }
}

/// Stores a file in a bucket, whole or not at all.
struct S3Upload: Sendable {
    /// The field under which an object keeps the SHA-256 of what was written.
    static let digestField = "x-amz-meta-sha256"

    let client: S3Client
    /// The object's whole name.
    let object: String
    let bytes: [UInt8]
    /// SHA-256 of the bytes.
    let digest: String

    /// - Throws: `ClinicError.storage`; `CancellationError`.
    func run() async throws {
        let parts = S3Parts.ranges(of: bytes.count)
        guard parts.count > 1 else {
            var request = try await Offloading.process.wait {
                S3Request(.put, object, sending: bytes, sha256: digest)
            }
            request.fields[Self.digestField] = digest
            let answer = try await client.send(request)
            guard answer.isGood else { throw client.refusal(answer, "take \(object)") }
            return
        }
        let upload = try await begin()
        do {
            var tags: [String] = []
            for (index, range) in parts.enumerated() {
                tags.append(try await send(bytes[range], number: index + 1, of: upload))
            }
            try await complete(upload, tags)
        } catch {
            throw try await abandon(upload, because: error)
        }
    }

    /// Not sent twice: the store would keep a second upload that nobody knows of.
    private func begin() async throws -> String {
        var request = S3Request(.post, object, sending: [])
        request.query = ["uploads": ""]
        request.fields[Self.digestField] = digest
        request.isRepeatable = false
        let answer = try await client.send(request)
        guard answer.isGood else { throw client.refusal(answer, "begin to take \(object)") }
        guard let upload = try S3Document(answer.body).first("UploadId"), !upload.isEmpty else {
            throw S3Document.unreadable
        }
        return upload
    }

    /// - Returns: What the store calls the part.
    private func send(_ part: ArraySlice<UInt8>, number: Int, of upload: String) async throws -> String {
        var request = try await Offloading.process.wait { S3Request(.put, object, sending: Array(part)) }
        request.query = ["partNumber": "\(number)", "uploadId": upload]
        let answer = try await client.send(request)
        guard answer.isGood, let tag = answer.fields["etag"] else {
            throw client.refusal(answer, "take part \(number) of \(object)")
        }
        return tag
    }

    /// Not sent twice; where nobody knows what became of it, the object itself is asked.
    private func complete(_ upload: String, _ tags: [String]) async throws {
        let list = tags.enumerated().map { index, tag in
            "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(tag.escapedForMarkup)</ETag></Part>"
        }
        let xml = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(list.joined())"
        var request = S3Request(
            .post, object, sending: Array("\(xml)</CompleteMultipartUpload>".utf8), as: "application/xml")
        request.query = ["uploadId": upload]
        request.isRepeatable = false
        do {
            let answer = try await client.send(request)
            // A store may answer 200 before it knows, and tell the error in the body.
            let isDone = try answer.isGood && S3Document(answer.body).root == "CompleteMultipartUploadResult"
            guard isDone else { throw client.refusal(answer, "put \(object) together") }
        } catch let error as ClinicError {
            let found = try await client.send(S3Request(.head, object))
            guard found.isGood, found.fields[Self.digestField] == digest,
                found.fields["content-length"] == "\(bytes.count)"
            else { throw error }
        }
    }

    /// Gives the parts up that are there already.
    ///
    /// - Returns: Why, and that they are still there where the store does not listen.
    private func abandon(_ upload: String, because reason: any Error) async throws -> any Error {
        var request = S3Request(.delete, object)
        request.query = ["uploadId": upload]
        // In a task of its own: one that is cancelled would send nothing.
        let answer = await Task.detached { [client, request] in
            do { return try await client.send(request).isGood } catch { return false }
        }.value
        guard !answer, let error = reason as? ClinicError else { return reason }
        return ClinicError(
            error.code,
            fault:
                "\(error) Parts of it are left in the bucket; a rule of the store that ends unfinished uploads clears them."
        )
    }
}
