import Clinic
import Findings
import Foundation
import Imaging
import Telemetry
import Testing
import Web

@Suite struct HeaderParametersTests {
    @Test(arguments: [
        ("form-data; name=\"image\"", "form-data", ["name": "image"]),
        (
            "Form-Data ; NAME = image ; filename=\"a\\\"b;c.png\"", "form-data",
            ["name": "image", "filename": "a\"b;c.png"]
        ),
        ("text/plain", "text/plain", [:]),
        ("a; x=1; x=2;", "a", ["x": "1"]),
        ("", "", [:]),
    ])
    func `reads value and parameters`(text: String, value: String, parameters: [String: String]) throws {
        let header = try HeaderParameters(parsing: text)
        #expect(header.value == value)
        #expect(header.parameters == parameters)
    }

    @Test(arguments: ["a; name", "a; =b", "a; n=\"open", "a; n=\"x\"y"]) func `refuses broken parameters`(text: String)
    {
        #expect(throws: WebError.self) { try HeaderParameters(parsing: text) }
    }
}

@Suite struct PrometheusTextTests {
    @Test func `writes counters with escaped labels`() {
        var text = PrometheusText()
        text.add("hits_total", help: "Hits\nof all.", kind: .counter, samples: [.init([("path", "a\"\\\n")], value: 3)])
        #expect(
            text.text
                == "# HELP hits_total Hits\\nof all.\n# TYPE hits_total counter\nhits_total{path=\"a\\\"\\\\\\n\"} 3\n")
    }

    @Test func `escapes a quotation mark with an accent behind it`() {
        var text = PrometheusText()
        text.add("hits", help: "H", kind: .counter, samples: [.init([("path", "a\"\u{301}")], value: 1)])
        #expect(text.text.hasSuffix("hits{path=\"a\\\"\u{301}\"} 1\n"))
    }

    @Test func `writes cumulative buckets`() {
        var histogram = Histogram(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        var text = PrometheusText()
        text.add("t_seconds", help: "T.", histogram: histogram)
        let expected = """
            # HELP t_seconds T.
            # TYPE t_seconds histogram
            t_seconds_bucket{le="0.1"} 2
            t_seconds_bucket{le="1"} 3
            t_seconds_bucket{le="+Inf"} 4
            t_seconds_sum 7.65
            t_seconds_count 4

            """
        #expect(text.text == expected)
    }
}

@Suite struct ProblemTests {
    @Test func `has a status for every web error`() {
        let expected: [WebError.Code: Int] = [
            .malformedRequest: 400, .missingImage: 400, .tooLarge: 413, .notMultipart: 415, .tooSlow: 408,
            .crossSite: 403, .forged: 403, .unauthorized: 401, .forbidden: 403,
            .unsupportedType: 415, .methodNotAllowed: 405, .conflict: 409, .rateLimited: 429, .overloaded: 503,
            .notFound: 404,
            .configuration: 500, .resource: 500, .addressUnavailable: 500,
        ]
        for code in WebError.Code.allCases { #expect(Problem(WebError(code, "m")).status == expected[code]) }
    }

    @Test func `has a status for every imaging error`() {
        let expected: [ImagingError.Code: Int] = [
            .empty: 422, .unknownFormat: 415, .truncated: 422, .corrupt: 422, .tooManyBytes: 413,
            .tooManyPixels: 422, .tooMuchMemory: 422, .tooSmall: 422, .unsupported: 415, .invalidParameter: 500,
            .processingFailed: 500,
        ]
        for code in ImagingError.Code.allCases { #expect(Problem(ImagingError(code, "m")).status == expected[code]) }
    }

    @Test func `has a status for every clinic error and tells nothing of the inside`() {
        let expected: [ClinicError.Code: Int] = [
            .notFound: 404, .duplicate: 409, .invalid: 422, .forbidden: 403, .quotaExceeded: 429, .busy: 503,
            .databaseUnavailable: 503, .newerSchema: 500, .corrupt: 500, .storage: 500, .consentNeeded: 403,
            .hidden: 409,
        ]
        for code in ClinicError.Code.allCases {
            let problem = Problem(ClinicError(code, fault: "/home/somebody"))
            #expect(problem.status == expected[code])
            if problem.status >= 500 && code != .busy { #expect(!"\(problem.detail)".contains("somebody")) }
        }
    }

    @Test func `tells nothing of unforeseen errors`() {
        struct Secret: Error { let path = "/home/somebody" }
        let problem = Problem(Secret())
        #expect(problem.status == 500)
        #expect(!"\(problem.detail)".contains("somebody"))
    }
}
