import Clinic
import Findings
import Foundation
import Hummingbird

/// What a program asks of the list of cases: which, how many, and from where on (keyset paging).
struct CaseQuery: Sendable {
    let filter: CaseFilter
    let after: CaseCursor?
    let limit: Int

    /// - Throws: `WebError.malformedRequest`, which names the parameter.
    init(_ parameters: Parameters) throws {
        func text(_ name: String) -> String? {
            parameters[Substring(name)].map { String($0).removingPercentEncoding ?? String($0) }
        }
        let search = text("search") ?? ""
        guard search.unicodeScalars.count <= 100 else { throw WebError(.malformedRequest, "errors.api.search") }
        let limit = try text("limit").map { text in
            guard let limit = Int(text), APICases.pageSizes.contains(limit) else {
                throw WebError(.malformedRequest, "errors.api.limit")
            }
            return limit
        }
        self.limit = limit ?? 20
        after = try text("after").map { text in
            guard let cursor = CaseCursor(text) else { throw WebError(.malformedRequest, "errors.api.after") }
            return cursor
        }
        filter = CaseFilter(
            search: search, decision: try Self.one(Decision.self, text("decision"), "decision"),
            label: try Self.one(SmearClass.self, text("label"), "label"))
    }

    private static func one<Value: CaseIterable & RawRepresentable<String>>(
        _ type: Value.Type, _ text: String?, _ name: String
    ) throws -> Value? {
        guard let text else { return nil }
        guard let value = Value(rawValue: text) else {
            throw WebError.parameter(name, oneOf: Value.allCases.map(\.rawValue))
        }
        return value
    }
}
