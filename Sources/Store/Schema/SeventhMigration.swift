extension Migration {
    /// The cells of screened images, what readers make of them, and what they stand for.
    static let seventh = Migration(number: 7, tables: [cells, cellChanges, cellConfirmations], statements: [])

    /// `type` is the network's for ever; `reader_type` is what readers made of it, NULL where they say the same.
    private static let cells = TableDefinition(
        SmearCells.table, isClustered: true,
        [
            "screening_id {id} NOT NULL", "number {int} NOT NULL", "x {real} NOT NULL", "y {real} NOT NULL",
            "width {real} NOT NULL", "height {real} NOT NULL", "type {name} NOT NULL", "reader_type {name}",
            "type_probability {real} NOT NULL", "blast_evidence {real} NOT NULL", "nucleus_area {real} NOT NULL",
            "confidence {real} NOT NULL", "embedding {name} NOT NULL", "PRIMARY KEY (screening_id, number)",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
        ])

    /// No reference to the reader: what was changed stays with the patient when the reader's account goes. `number` is the
    /// cell's now; NULL where a later screening found none there.
    private static let cellChanges = TableDefinition(
        SmearCells.changes, isClustered: true,
        [
            "screening_id {id} NOT NULL", "sequence {int} NOT NULL", "act_id {id} NOT NULL", "number {int}",
            "x {real} NOT NULL", "y {real} NOT NULL", "width {real} NOT NULL", "height {real} NOT NULL",
            "user_id {id} NOT NULL", "at {int} NOT NULL", "network_type {name} NOT NULL", "from_type {name} NOT NULL",
            "to_type {name} NOT NULL", "undoes {id}", "PRIMARY KEY (screening_id, sequence)",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
        ])

    private static let cellConfirmations = TableDefinition(
        SmearCells.confirmations,
        [
            "screening_id {id} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "at {int} NOT NULL",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
        ])
}
