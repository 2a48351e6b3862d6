import Clinic

extension Migration {
    /// What the verdict on a case needs of each image, and which images show the same field. Of images that were screened
    /// before, what the cells came to is taken from the stored answer; how they overlap is not known.
    static let ninth = Migration(
        number: 9, tables: [imageFacts, imageOverlaps], statements: [],
        work: { connection, _ in try ImageFactTable.fillIn(on: connection) })

    private static let imageFacts = TableDefinition(
        ImageFactTable.name,
        [
            "image_id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "model_name {line} NOT NULL",
            "model_version {line} NOT NULL", "cells {real}", "blast_like {real}", "highest {real}", "area {real}",
            "likeness {text}", "FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE",
        ],
        indexes: [("image_facts_case", "case_id")])

    private static let imageOverlaps = TableDefinition(
        ImageFactTable.overlaps, isClustered: true,
        [
            "first_id {id} NOT NULL", "second_id {id} NOT NULL", "case_id {id} NOT NULL", "relation {name} NOT NULL",
            "PRIMARY KEY (first_id, second_id)",
            "FOREIGN KEY (first_id) REFERENCES images (id) ON DELETE CASCADE",
            "FOREIGN KEY (second_id) REFERENCES images (id) ON DELETE CASCADE",
        ],
        indexes: [("image_overlaps_second", "second_id"), ("image_overlaps_case", "case_id")])
}
