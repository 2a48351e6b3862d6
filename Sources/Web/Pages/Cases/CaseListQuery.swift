import Clinic
import Findings
import Foundation
import Hummingbird
import Wording

/// What the list of cases is asked for, and its addresses.
struct CaseListQuery: Sendable {
    let filter: CaseFilter
    let cursor: CaseCursor?

    private static let maximumSearch = 100

    init(filter: CaseFilter, cursor: CaseCursor? = nil) {
        self.filter = filter
        self.cursor = cursor
    }

    /// Takes what makes sense of a request, and nothing else.
    init(_ request: Request) {
        let parameters = request.uri.queryParameters
        let search = (parameters.get("search") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        filter = CaseFilter(
            search: String(search.prefix(Self.maximumSearch)),
            decision: parameters.get("decision").flatMap { Decision(rawValue: $0) },
            label: parameters.get("label").flatMap { SmearClass(rawValue: $0) })
        cursor = parameters.get("after").flatMap { CaseCursor($0) }
    }

    var isFiltered: Bool { !filter.search.isEmpty || filter.decision != nil || filter.label != nil }

    /// The address of the list with this filter.
    func address(after: CaseCursor? = nil) -> String {
        var items: [(String, String)] = []
        if !filter.search.isEmpty { items.append(("search", filter.search)) }
        if let decision = filter.decision { items.append(("decision", decision.rawValue)) }
        if let label = filter.label { items.append(("label", label.rawValue)) }
        if let after { items.append(("after", after.text)) }
        let query = items.map { "\($0.0)=\($0.1.asQueryValue)" }
        return query.isEmpty ? "/cases" : "/cases?\(query.joined(separator: "&"))"
    }

    /// The filter chips: everything, then each decision, then each class.
    func chips(_ text: TextCatalogue) -> [PageLink] {
        let isAll = filter.decision == nil && filter.label == nil
        var chips = [chip(text("cases.chips.all"), nil, nil, isAll)]
        chips += Decision.allCases.map {
            chip(text("cases.chips.\($0.rawValue)"), $0, nil, filter.decision == $0 && filter.label == nil)
        }
        chips += SmearClass.allCases.map { chip(text("classes.\($0).short"), nil, $0, filter.label == $0) }
        return chips
    }

    private func chip(_ name: String, _ decision: Decision?, _ label: SmearClass?, _ isOn: Bool) -> PageLink {
        let query = CaseListQuery(filter: CaseFilter(search: filter.search, decision: decision, label: label))
        return PageLink(name: name, address: query.address(), isOn: isOn)
    }
}

extension CaseCursor {
    init(after smearCase: SmearCase) { self.init(updatedAt: smearCase.updatedAt, id: smearCase.id) }

    /// As it stands in an address: milliseconds since 1970, which the databases keep, and the identifier.
    var text: String { "\(Int64((updatedAt.timeIntervalSince1970 * 1000).rounded())).\(id)" }

    /// - Parameter text: What `text` gave; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), (0...Int64(1e15)).contains(milliseconds),
            let id = CaseID(String(parts[1]))
        else { return nil }
        self.init(updatedAt: Date(timeIntervalSince1970: Double(milliseconds) / 1000), id: id)
    }
}
