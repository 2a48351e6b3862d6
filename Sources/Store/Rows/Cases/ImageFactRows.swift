import Clinic
import Findings

extension FieldRelation: SQLConvertible {}

extension SQLTransaction {
    private static let imageFacts = SQLTable<ImageFacts>(
        ImageFactTable.name, "image_id model_name model_version cells blast_like highest area"
    ) { row in
        let cells: Double? = try row["cells"]
        let (blastLike, highest, area): (Double?, Double?, Double?) = try (
            row["blast_like"], row["highest"], row["area"]
        )
        return try ImageFacts(
            imageID: row["image_id"], model: .init(name: row["model_name"], version: row["model_version"]),
            cells: cells.map { .init(cells: $0, blastLike: blastLike ?? 0, highest: highest, area: area ?? 0) })
    }

    func record(_ facts: ImageFacts, likeness: String?) throws {
        // An image that was deleted meanwhile has no case any more.
        guard let image = try image(facts.imageID) else { return }
        try connection.execute(
            "DELETE FROM \(ImageFactTable.overlaps) WHERE first_id = ? OR second_id = ?", facts.imageID.text,
            facts.imageID.text)
        try connection.insert(
            [ImageFactTable.row(facts, in: image.caseID.text, likeness: likeness)], into: ImageFactTable.name,
            ImageFactTable.columns.split(separator: " ").joined(separator: ", "), verb: "REPLACE")
    }

    func likenesses(of smearCase: CaseID) throws -> [(image: ImageID, likeness: String)] {
        try connection.query(
            """
            SELECT f.image_id, f.likeness FROM images i \(connection.dialect.orderedJoin) image_facts f \
            ON f.image_id = i.id WHERE i.case_id = ? AND f.likeness IS NOT NULL ORDER BY i.number
            """, smearCase.text
        ).map { try ($0["image_id"], $0["likeness"]) }
    }

    func facts(ofCases cases: [CaseID]) throws -> [ImageFacts] {
        guard !cases.isEmpty else { return [] }
        let list = InList(cases)
        return try connection.all(Self.imageFacts, "WHERE case_id IN \(list.sql)", values: list.values)
    }

    func record(_ overlaps: [ImageOverlap], in smearCase: CaseID) throws {
        for overlap in overlaps {
            // Either image may have been deleted since they were compared.
            guard try image(overlap.first)?.caseID == smearCase, try image(overlap.second)?.caseID == smearCase else {
                continue
            }
            try connection.insert(
                [
                    [
                        overlap.first.sqlValue, overlap.second.sqlValue, smearCase.sqlValue,
                        overlap.relation.sqlValue,
                    ]
                ], into: ImageFactTable.overlaps, "first_id, second_id, case_id, relation", verb: "REPLACE")
        }
    }

    func overlaps(ofCases cases: [CaseID]) throws -> [CaseID: [ImageOverlap]] {
        guard !cases.isEmpty else { return [:] }
        let list = InList(cases)
        return try connection.query(
            """
            SELECT case_id, first_id, second_id, relation FROM image_overlaps WHERE case_id IN \(list.sql)
            """, values: list.values
        ).reduce(into: [CaseID: [ImageOverlap]]()) { found, row in
            let smearCase: CaseID = try row["case_id"]
            found[smearCase, default: []].append(
                try ImageOverlap(row["first_id"], row["second_id"], row["relation"]))
        }.mapValues { overlaps in
            // Here, so that no database walks all of them to have them in order.
            overlaps.sorted { ($0.first.text, $0.second.text) < ($1.first.text, $1.second.text) }
        }
    }
}

/// The narrow rows beside the images.
enum ImageFactTable {
    static let name = "image_facts"
    static let overlaps = "image_overlaps"
    static let columns = "image_id case_id model_name model_version cells blast_like highest area likeness"

    static func row(_ facts: ImageFacts, in smearCase: String, likeness: String?) -> [SQLValue] {
        [
            facts.imageID.sqlValue, .text(smearCase), .text(String(facts.model.name.prefix(320))),
            .text(String(facts.model.version.prefix(320))), (facts.cells?.cells).sqlValue,
            (facts.cells?.blastLike).sqlValue, (facts.cells?.highest).sqlValue, (facts.cells?.area).sqlValue,
            likeness.sqlValue,
        ]
    }

    /// Adds the facts of images that were screened before there were any. Bears to be begun again.
    static func fillIn(on connection: any SQLConnection) throws {
        let page = 200
        var last = ""
        while true {
            let rows = try connection.query(
                """
                SELECT s.id, s.image_id, s.case_id, s.result_json, f.image_id AS present FROM screenings s \
                LEFT JOIN image_facts f ON f.image_id = s.image_id WHERE s.id > ? ORDER BY s.id LIMIT ?
                """, last, page)
            var missing: [[SQLValue]] = []
            for row in rows {
                last = try row["id"]
                let (json, present): (String?, String?) = try (row["result_json"], row["present"])
                guard present == nil, let outcome = json.flatMap(StoredOutcome.read) else { continue }
                let facts = ImageFacts(
                    imageID: try row["image_id"], model: outcome.model, cells: outcome.cells?.counts)
                missing.append(self.row(facts, in: try row["case_id"], likeness: nil))
            }
            try BackupTable(name, columns).insert(missing, on: connection)
            guard rows.count == page else { return }
        }
    }
}
