import CCurl
import Clinic
import Foundation
import NativeCalls
import Offloading

/// Sends requests to one S3 store, signed by libcurl, on threads of their own, so that a store that does not answer holds up no
/// disk and nothing else. Only the endpoint that the operator named is called.
final class S3Client: Sendable {
    /// Requests at once; each holds a file.
    private static let threads = BlockingThreads(name: "leukoscope.s3", count: 16)
    /// Sendings of one request at most.
    private static let attempts = 4
    /// How long one request may take: a large part over a slow line.
    private static let timeoutSeconds = 120
    /// After so long a request is not sent again.
    private static let patience = Duration.seconds(60)

    let location: S3Location
    private let access: S3Access

    init(_ location: S3Location, _ access: S3Access) { (self.location, self.access) = (location, access) }

    /// Sends a request; again, after a pause that doubles, while the store is away or overloaded and nothing speaks against it.
    ///
    /// - Returns: The answer, whatever its status.
    /// - Throws: `ClinicError.storage` where there is none; `CancellationError` in a pause.
    func send(_ request: S3Request) async throws -> S3Answer {
        let end = ContinuousClock.now + Self.patience
        var attempt = 1
        while true {
            let isLast = attempt >= Self.attempts || !request.isRepeatable || .now > end
            do {
                let answer = try await exchange(request)
                if !answer.isPassing || isLast { return answer }
            } catch let error as ClinicError where error.code == .storage && !isLast {
                // Sent again below.
            }
            try await Task.sleep(for: .milliseconds(100 << (2 * (attempt - 1))) * Double.random(in: 0.75...1.25))
            attempt += 1
        }
    }

    private func exchange(_ request: S3Request) async throws -> S3Answer {
        try await Self.threads.run { [location, access] in
            let fields = request.fields.map { "\($0.key): \($0.value)" }.joined(separator: "\n")
            // Of an empty array there is no address; that of a byte says that an empty body is sent.
            let body = request.body.map { $0.isEmpty ? [0] : $0 }
            var answer = CCAnswer()
            defer { cc_answer_free(&answer) }
            try Native.call { error in
                cc_exchange(
                    request.method.rawValue, request.url(at: location), fields, access.authorities,
                    "aws:amz:\(location.region):s3", access.keyID, access.secret, body, request.body?.count ?? 0,
                    request.maximumAnswer, Self.timeoutSeconds, &answer, error)
            } orThrow: { _, reason in
                ClinicError(.storage, fault: "\(location.name) cannot be reached at \(location.endpoint): \(reason).")
            }
            let head = UnsafeRawBufferPointer(start: answer.head, count: answer.headLength)
            let given = UnsafeBufferPointer(start: answer.body, count: answer.bodyLength)
            return S3Answer(
                status: answer.status, head: String(decoding: head, as: UTF8.self), body: [UInt8](given))
        }
    }

    // MARK: What to do about a refusal

    /// The error of an answer that is none of those expected: what is wrong, and what would be right.
    func refusal(_ answer: S3Answer, _ act: String) -> ClinicError {
        let told = answer.code.map { "\($0), status \(answer.status)" } ?? "status \(answer.status)"
        return ClinicError(
            .storage, fault: "\(location.name) at \(location.endpoint) did not \(act) (\(told))\(advice(answer)).")
    }

    private func advice(_ answer: S3Answer) -> String {
        switch (answer.code, answer.status) {
        case ("InvalidAccessKeyId", _), ("SignatureDoesNotMatch", _), (_, 401):
            ": the key is unknown or its secret is wrong; see \(S3Access.keyVariable) and \(S3Access.secretVariable)"
        case ("RequestTimeTooSkewed", _): ": the clocks of this machine and of the store differ; set them"
        case ("AuthorizationHeaderMalformed", _), ("PermanentRedirect", _), ("TemporaryRedirect", _), (_, 300..<400):
            ": region= or endpoint= is not that of the bucket"
        case ("NoSuchBucket", _):
            ": there is no bucket \(location.bucket); make it first, or look whether the store's disk is mounted"
        case ("AccessDenied", _), (_, 403):
            ": the key may not do that. It needs s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, "
                + "s3:DeleteObject and s3:AbortMultipartUpload on its objects"
        case (nil, 404): ": what answers there is no S3 store"
        default: ""
        }
    }
}
