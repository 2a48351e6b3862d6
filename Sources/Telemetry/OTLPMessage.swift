import Foundation
import Tracing

/// Spans as OTLP carries them in JSON: an `ExportTraceServiceRequest` of opentelemetry-proto 1.x, with numbers of 64 bits as
/// texts and identifiers in hexadecimal digits (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
struct OTLPMessage: Encodable {
    private let resourceSpans: [ResourceSpans]

    /// - Parameters:
    ///   - spans: In any order.
    ///   - version: Of this program.
    init(_ spans: [FinishedSpan], version: String) {
        let resource = Resource(attributes: [
            Attribute("service.name", .string("leukoscope")), Attribute("service.version", .string(version)),
        ])
        let scope = ScopeSpans(scope: Scope(name: "leukoscope"), spans: spans.map(Line.init))
        resourceSpans = [ResourceSpans(resource: resource, scopeSpans: [scope])]
    }

    /// - Throws: Never in practice: nothing of it cannot be encoded.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    private struct ResourceSpans: Encodable {
        let resource: Resource
        let scopeSpans: [ScopeSpans]
    }

    private struct Resource: Encodable { let attributes: [Attribute] }
    private struct Scope: Encodable { let name: String }

    private struct ScopeSpans: Encodable {
        let scope: Scope
        let spans: [Line]
    }

    private struct Status: Encodable { let code: Int }

    private struct Line: Encodable {
        let traceId: String
        let spanId: String
        let parentSpanId: String?
        let name: String
        let kind: Int
        let startTimeUnixNano: String
        let endTimeUnixNano: String
        let attributes: [Attribute]
        let status: Status

        init(_ span: FinishedSpan) {
            (traceId, spanId, parentSpanId, name) = (span.traceID, span.spanID, span.parentID, span.name)
            kind =
                switch span.kind {
                case .internal: 1
                case .server: 2
                case .client: 3
                case .producer: 4
                case .consumer: 5
                }
            (startTimeUnixNano, endTimeUnixNano) = (String(span.start), String(span.end))
            var attributes: [Attribute] = []
            span.attributes.forEach { attributes.append(Attribute($0, $1)) }
            self.attributes = attributes.sorted { $0.key < $1.key }
            status = Status(
                code: span.status.map { status in
                    switch status.code {
                    case .ok: 1
                    case .error: 2
                    }
                } ?? 0)
        }
    }

    /// A name with its value.
    private struct Attribute: Encodable {
        let key: String
        let value: Value

        init(_ key: String, _ attribute: SpanAttribute) {
            self.key = key
            value =
                switch attribute {
                case .int32(let number): Value(intValue: String(number))
                case .int64(let number): Value(intValue: String(number))
                case .double(let number) where number.isFinite: Value(doubleValue: number)
                case .bool(let flag): Value(boolValue: flag)
                case .string(let text): Value(stringValue: text)
                default: Value(stringValue: "\(attribute)")
                }
        }
    }

    /// One of them is there.
    private struct Value: Encodable {
        var stringValue: String?
        var intValue: String?
        var doubleValue: Double?
        var boolValue: Bool?
    }
}
