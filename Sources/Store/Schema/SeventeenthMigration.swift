import Clinic

extension Migration {
    /// Whole slides: their files in parts, the queue in which they wait to be read, and the fields that were chosen of them.
    /// And links to live microscopes.
    static let seventeenth = Migration(
        number: 17, tables: [slides, slideParts, slideFields, watchLinks], statements: [])

    /// The owner stands in the row, for quotas; the case goes before its owner does.
    private static let slides = TableDefinition(
        "slides",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "owner_id {id} NOT NULL", "name {line} NOT NULL",
            "source {name} NOT NULL", "path {text} NOT NULL", "byte_count {int} NOT NULL", "received {int} NOT NULL",
            "fingerprint {name} NOT NULL", "state {name} NOT NULL", "wanted {int} NOT NULL", "attempts {int} NOT NULL",
            "worker_id {name}", "lease_until {int}", "micrometres_per_pixel {real}", "width {int}", "height {int}",
            "format {name}", "ended {name}", "failure {name}", "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("slides_case", "case_id, created_at, id"), ("slides_owner", "owner_id"),
            ("slides_state", "state, created_at, id"),
        ])

    private static let slideParts = TableDefinition(
        "slide_parts", isClustered: true,
        [
            "slide_id {id} NOT NULL", "start {int} NOT NULL", "byte_count {int} NOT NULL", "sha256 {digest} NOT NULL",
            "PRIMARY KEY (slide_id, start)", "FOREIGN KEY (slide_id) REFERENCES slides (id) ON DELETE CASCADE",
        ])

    private static let watchLinks = TableDefinition(
        "watch_links",
        [
            "id {id} NOT NULL PRIMARY KEY", "owner_id {id} NOT NULL", "digest {digest} NOT NULL",
            "created_at {int} NOT NULL", "expires_at {int} NOT NULL", "revoked_at {int}", "openings {int} NOT NULL",
            "CONSTRAINT watch_links_digest UNIQUE (digest)",
            "FOREIGN KEY (owner_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("watch_links_owner", "owner_id, expires_at")])

    /// A field stays when its image goes, so that it does not become one again.
    private static let slideFields = TableDefinition(
        "slide_fields", isClustered: true,
        [
            "slide_id {id} NOT NULL", "number {int} NOT NULL", "x {int} NOT NULL", "y {int} NOT NULL",
            "side {int} NOT NULL", "micrometres_per_pixel {real} NOT NULL", "image_id {id}", "taken_at {int}",
            "PRIMARY KEY (slide_id, number)", "FOREIGN KEY (slide_id) REFERENCES slides (id) ON DELETE CASCADE",
            "FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE SET NULL",
        ],
        indexes: [("slide_fields_image", "image_id")])
}
