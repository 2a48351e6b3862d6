import Clinic
import Findings
import Foundation

/// The tables of cells.
enum SmearCells {
    static let table = "smear_cells"
    static let columns =
        "screening_id number x y width height type reader_type type_probability blast_evidence nucleus_area confidence embedding"
    static let changes = "cell_changes"
    static let changeColumns =
        "screening_id sequence act_id number x y width height user_id at network_type from_type to_type undoes"
    static let confirmations = "cell_confirmations"
    static let confirmationColumns = "screening_id user_id at"
}

extension CellType: SQLConvertible {}

extension CellEmbedding: SQLConvertible {
    static var expectation: String { "an embedding" }
    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(text: text)
    }
    var sqlValue: SQLValue { .text(text) }
}

extension SQLTransaction {
    private static let cells = SQLTable<SmearCell>(SmearCells.table, SmearCells.columns) { row in
        // In the order of the columns.
        let (screening, number): (ScreeningID, Int) = try (row["screening_id"], row["number"])
        let box = try CellBox(x: row["x"], y: row["y"], width: row["width"], height: row["height"])
        let (type, readerType): (CellType, CellType?) = try (row["type"], row["reader_type"])
        return try SmearCell(
            screeningID: screening,
            network: NetworkCell(
                number: number, box: box, type: type, typeProbability: row["type_probability"],
                blastEvidence: row["blast_evidence"], nucleusArea: row["nucleus_area"], confidence: row["confidence"],
                embedding: row["embedding"]), readerType: readerType)
    }

    private static let cellChanges = SQLTable<CellChange>(SmearCells.changes, SmearCells.changeColumns) { row in
        let (screening, act, number): (ScreeningID, CellActID, Int?) = try (
            row["screening_id"], row["act_id"], row["number"]
        )
        return try CellChange(
            act: act, screeningID: screening, number: number,
            box: CellBox(x: row["x"], y: row["y"], width: row["width"], height: row["height"]), userID: row["user_id"],
            at: row["at"], networkType: row["network_type"], from: row["from_type"], to: row["to_type"],
            undoes: row["undoes"])
    }

    private static let cellConfirmations = SQLTable<CellConfirmation>(
        SmearCells.confirmations, SmearCells.confirmationColumns
    ) { row in
        try CellConfirmation(screeningID: row["screening_id"], userID: row["user_id"], at: row["at"])
    }

    func cells(of screenings: [ScreeningID], isHeld: Bool) throws -> [SmearCell] {
        if isHeld { for id in screenings { try connection.holdAgainstPeers("cells \(id.text)") } }
        return try ofEach(screenings, Self.cells, "ORDER BY number" + (isHeld ? connection.dialect.forUpdate : ""))
    }

    func cellChanges(of screenings: [ScreeningID]) throws -> [CellChange] {
        try ofEach(screenings, Self.cellChanges, "ORDER BY sequence")
    }

    func cellConfirmations(of screenings: [ScreeningID]) throws -> [CellConfirmation] {
        try ofEach(screenings, Self.cellConfirmations, "")
    }

    func cellConfirmations() throws -> [CellConfirmation] {
        try connection.all(Self.cellConfirmations, "ORDER BY screening_id")
    }

    /// The rows of each image by its primary key, image after image.
    private func ofEach<Value>(_ screenings: [ScreeningID], _ table: SQLTable<Value>, _ rest: String) throws -> [Value]
    {
        try screenings.flatMap { try connection.all(table, "WHERE screening_id = ? \(rest)", $0.text) }
    }

    func replaceCells(of screening: ScreeningID, with cells: [SmearCell]) throws {
        try connection.execute("DELETE FROM smear_cells WHERE screening_id = ?", screening.text)
        let rows = cells.map { cell in
            let (network, box) = (cell.network, cell.network.box)
            return [
                screening.sqlValue, network.number.sqlValue, box.x.sqlValue, box.y.sqlValue, box.width.sqlValue,
                box.height.sqlValue, network.type.sqlValue, cell.readerType.sqlValue, network.typeProbability.sqlValue,
                network.blastEvidence.sqlValue, network.nucleusArea.sqlValue, network.confidence.sqlValue,
                network.embedding.sqlValue,
            ]
        }
        try connection.insert(rows, into: SmearCells.table, Self.cells.list)
    }

    func renumberChanges(of screening: ScreeningID, to places: [Int?]) throws {
        let sequences: [Int] = try connection.column(
            "SELECT sequence FROM cell_changes WHERE screening_id = ? ORDER BY sequence", screening.text)
        for (sequence, number) in zip(sequences, places) {
            try connection.execute(
                "UPDATE cell_changes SET number = ? WHERE screening_id = ? AND sequence = ?", number, screening.text,
                sequence)
        }
    }

    func insert(_ changes: [CellChange]) throws {
        for (screening, own) in Dictionary(grouping: changes, by: \.screeningID).sorted(by: {
            $0.key.text < $1.key.text
        }) {
            var sequence = try connection.number(
                "SELECT COALESCE(MAX(sequence), 0) FROM cell_changes WHERE screening_id = ?", screening.text)
            let rows = own.map { change in
                sequence += 1
                return [
                    screening.sqlValue, sequence.sqlValue, change.act.sqlValue, change.number.sqlValue,
                    change.box.x.sqlValue, change.box.y.sqlValue, change.box.width.sqlValue,
                    change.box.height.sqlValue, change.userID.sqlValue, change.at.sqlValue,
                    change.networkType.sqlValue, change.from.sqlValue, change.to.sqlValue, change.undoes.sqlValue,
                ]
            }
            try connection.insert(rows, into: SmearCells.changes, Self.cellChanges.list)
            for change in own {
                guard let number = change.number else { continue }
                try connection.execute(
                    """
                    UPDATE smear_cells SET reader_type = CASE WHEN type = ? THEN NULL ELSE ? END \
                    WHERE screening_id = ? AND number = ?
                    """, change.to.rawValue, change.to.rawValue, screening.text, number)
            }
            try endConfirmation(of: screening)
        }
    }

    func confirm(_ confirmation: CellConfirmation) throws {
        let row = [confirmation.screeningID.sqlValue, confirmation.userID.sqlValue, confirmation.at.sqlValue]
        try connection.insert([row], into: SmearCells.confirmations, Self.cellConfirmations.list, verb: "REPLACE")
    }

    func endConfirmation(of screening: ScreeningID) throws {
        try connection.execute("DELETE FROM cell_confirmations WHERE screening_id = ?", screening.text)
    }

    func cellAgreement() throws -> [CellAgreementCount] {
        let groups = "f.model_name, f.model_version, c.type, COALESCE(c.reader_type, c.type)"
        let join = connection.dialect.orderedJoin
        return try connection.query(
            """
            SELECT f.model_name, f.model_version, c.type, COALESCE(c.reader_type, c.type) AS reader, COUNT(*) AS number \
            FROM cell_confirmations k \(join) screening_facts f ON f.screening_id = k.screening_id \
            \(join) smear_cells c ON c.screening_id = k.screening_id GROUP BY \(groups) ORDER BY \(groups)
            """
        ).map { row in
            try CellAgreementCount(
                modelName: row["model_name"], modelVersion: row["model_version"], network: row["type"],
                reader: row["reader"], count: row["number"])
        }
    }
}
