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
        guard search.unicodeScalars.count <= 100 else { throw Self.wrong("search", "has at most 100 characters") }
        let limit = try text("limit").map { text in
            guard let limit = Int(text), APICases.pageSizes.contains(limit) else {
                throw Self.wrong("limit", "is a number from 1 to 100")
            }
            return limit
        }
        self.limit = limit ?? 20
        after = try text("after").map { text in
            guard let cursor = Self.cursor(text) else { throw Self.wrong("after", "is a value that “next” told") }
            return cursor
        }
        filter = CaseFilter(
            search: search, decision: try Self.one(Decision.self, text("decision"), "decision"),
            label: try Self.one(SmearClass.self, text("label"), "label"))
    }

    /// Where the page after this case begins; milliseconds since 1970, which the databases keep, and the identifier.
    static func text(after smearCase: SmearCase) -> String {
        "\(Int64((smearCase.updatedAt.timeIntervalSince1970 * 1000).rounded())).\(smearCase.id)"
    }

    private static func cursor(_ text: String) -> CaseCursor? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), (0...Int64(1e15)).contains(milliseconds),
            let id = CaseID(String(parts[1]))
        else { return nil }
        return CaseCursor(updatedAt: Date(timeIntervalSince1970: Double(milliseconds) / 1000), id: id)
    }

    private static func one<Value: CaseIterable & RawRepresentable<String>>(
        _ type: Value.Type, _ text: String?, _ name: String
    ) throws -> Value? {
        guard let text else { return nil }
        guard let value = Value(rawValue: text) else {
            throw wrong(name, "is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private static func wrong(_ name: String, _ rule: String) -> WebError {
        WebError(.malformedRequest, "The parameter “\(name)” \(rule).")
    }
}
