import Formats
import HTTPTypes
import Hummingbird
import NIOCore
import Wording

/// A failure as FHIR R4 tells it (OperationOutcome), in place of problem details.
struct OperationOutcome: Encodable, Sendable {
    struct Issue: Encodable, Sendable {
        struct Details: Encodable, Sendable {
            let text: String
        }

        let severity = "error"
        /// Of FHIR's value set issue-type.
        let code: String
        let details: Details
        let diagnostics: String
    }

    let resourceType = "OperationOutcome"
    let issue: [Issue]

    init(_ problem: Problem, text: TextCatalogue) {
        issue = [
            Issue(
                code: Self.code(problem.status), details: .init(text: text(problem.title)),
                diagnostics: text(problem.detail))
        ]
    }

    private static func code(_ status: Int) -> String {
        switch status {
        case 400: "invalid"
        case 401: "login"
        case 403: "forbidden"
        case 404: "not-found"
        case 405, 415: "not-supported"
        case 408: "timeout"
        case 409: "duplicate"
        case 413: "too-long"
        case 422: "processing"
        case 429: "throttled"
        case 503: "transient"
        default: "exception"
        }
    }
}

extension Problem {
    /// The answer for programs that speak FHIR.
    ///
    /// - Throws: An encoding error, which would be a mistake of the type.
    func fhirResponse(_ text: TextCatalogue) throws -> Response {
        let body = try JSONFormat.line.data(OperationOutcome(self, text: text))
        var headers: HTTPFields = [.contentType: "application/fhir+json", .cacheControl: "no-store"]
        addHeaders(to: &headers)
        return Response(status: httpStatus, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
