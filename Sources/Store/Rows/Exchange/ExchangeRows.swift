import Clinic
import Foundation

extension SQLTransaction {
    static let labRequests = SQLTable<LabRequest>(
        "lab_requests", "id case_id owner_id namespace value title requester authored_on created_at"
    ) { row in
        try LabRequest(
            id: row["id"], caseID: row["case_id"], ownerID: row["owner_id"],
            identifier: PersonIdentifier(namespace: row["namespace"], value: row["value"]), title: row["title"],
            requester: row["requester"], authoredOn: row["authored_on"], createdAt: row["created_at"])
    }

    func insert(_ request: LabRequest) throws {
        try connection.execute(
            "INSERT INTO lab_requests (\(Self.labRequests.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", request.id.text,
            request.caseID.text, request.ownerID.text, request.identifier.namespace, request.identifier.value,
            request.title, request.requester, request.authoredOn, request.createdAt)
    }

    func labRequests(of smearCase: CaseID) throws -> [LabRequest] {
        try connection.all(Self.labRequests, "WHERE case_id = ? ORDER BY created_at, id", smearCase.text)
    }

    func cases(
        of owner: UserID, matching query: ExchangeQuery, after: CaseCursor?, limit: Int
    ) throws -> [SmearCase] {
        var (sql, values) = ("WHERE owner_id = ?", [SQLValue.text(owner.text)])
        func add(_ part: String, _ arguments: [SQLValue]) {
            sql += " AND \(part)"
            values += arguments
        }
        for identifier in query.identifiers {
            let namespace = identifier.namespace.map { [SQLValue.text($0)] } ?? []
            let among =
                switch identifier.holder {
                case .person:
                    """
                    id IN (SELECT p.case_id FROM person_identifiers i JOIN persons p ON p.id = i.person_id \
                    WHERE i.value = ?\(namespace.isEmpty ? "" : " AND i.namespace = ?"))
                    """
                case .request:
                    """
                    id IN (SELECT r.case_id FROM lab_requests r WHERE r.owner_id = cases.owner_id AND r.value = ?\
                    \(namespace.isEmpty ? "" : " AND r.namespace = ?"))
                    """
                }
            add(among, [.text(identifier.value)] + namespace)
        }
        if let since = query.since { add("updated_at >= ?", [.integer(since.milliseconds)]) }
        if let before = query.before { add("updated_at < ?", [.integer(before.milliseconds)]) }
        if let after {
            let at = SQLValue.integer(after.updatedAt.milliseconds)
            add("updated_at <= ? AND (updated_at < ? OR id < ?)", [at, at, .text(after.id.text)])
        }
        return try connection.query(
            "SELECT \(Self.cases.list) FROM cases \(sql) ORDER BY updated_at DESC, id DESC LIMIT ?",
            values: values + [.integer(Int64(limit))]
        ).map(Self.cases.value)
    }
}
