import Clinic

extension Migration {
    /// Microscopes: what was shown of them, which images were made with them, and the watch over their answers.
    static let tenth = Migration(
        number: 10,
        tables: [sites, siteQualifications, siteControls, siteWatch, siteWaiting, siteEvents, changePlans],
        statements: [],
        work: { connection, _ in
            try add("site_id {id}", to: "cases", on: connection)
            for line in ["site_id {id}", "qualification_id {id}", "doubted_at {int}"] {
                try add(line, to: "screenings", on: connection)
            }
            try addIndex("screenings_site", "site_id, finished_at", of: "screenings", on: connection)
            try addIndex("screenings_doubted", "site_id, doubted_at", of: "screenings", on: connection)
            try add("site_id {id}", to: "api_tokens", on: connection)
            try add("site_id {id}", to: "notices", on: connection)
        })

    /// Limits are shares, 0 to 1.
    private static let sites = TableDefinition(
        SiteTable.name,
        [
            "id {id} NOT NULL PRIMARY KEY", "name {line} NOT NULL", "objective {line} NOT NULL",
            "camera {line} NOT NULL", "stain {line} NOT NULL", "micrometres_per_pixel {real}",
            "sensitivity {real} NOT NULL", "specificity {real} NOT NULL", "wrong_reports {real} NOT NULL",
            "state {name} NOT NULL", "qualification_id {id}", "suspended_at {int}", "suspension {name}",
            "reason {text} NOT NULL", "checked_at {int}", "controls_since {int}", "created_at {int} NOT NULL",
            "updated_at {int} NOT NULL",
            "CONSTRAINT sites_name UNIQUE (name)",
        ])

    private static let siteQualifications = TableDefinition(
        "site_qualifications",
        [
            "id {id} NOT NULL PRIMARY KEY", "site_id {id} NOT NULL", "at {int} NOT NULL", "model_name {line} NOT NULL",
            "model_version {line} NOT NULL", "figures_json {text} NOT NULL", "user_id {id}",
            "FOREIGN KEY (site_id) REFERENCES sites (id)",
        ],
        indexes: [("site_qualifications_site", "site_id, at, id")])

    private static let siteControls = TableDefinition(
        "site_controls",
        [
            "id {id} NOT NULL PRIMARY KEY", "site_id {id} NOT NULL", "person {line} NOT NULL", "label {name} NOT NULL",
            "known_by {name} NOT NULL", "purpose {name} NOT NULL", "sha256 {digest} NOT NULL",
            "model_name {line} NOT NULL", "model_version {line} NOT NULL", "decision {name} NOT NULL",
            "answer {name} NOT NULL", "is_familiar {int} NOT NULL", "is_usable {int} NOT NULL",
            "is_malignant {int} NOT NULL", "novelty {real} NOT NULL", "evidence {real} NOT NULL",
            "created_at {int} NOT NULL", "FOREIGN KEY (site_id) REFERENCES sites (id)",
        ],
        indexes: [("site_controls_site", "site_id, created_at, id")])

    /// The case goes, what its fields came to stays.
    private static let siteWatch = TableDefinition(
        "site_watch",
        [
            "qualification_id {id} NOT NULL", "sequence {int} NOT NULL", "case_id {id}", "fields_json {text} NOT NULL",
            "novelty_p {real} NOT NULL", "evidence_p {real} NOT NULL", "alarm {name}", "novelty_json {text} NOT NULL",
            "evidence_json {text} NOT NULL", "at {int} NOT NULL", "PRIMARY KEY (qualification_id, sequence)",
            "FOREIGN KEY (qualification_id) REFERENCES site_qualifications (id)",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE SET NULL",
        ],
        indexes: [("site_watch_case", "case_id")])

    private static let siteWaiting = TableDefinition(
        "site_waiting_cases",
        [
            "case_id {id} NOT NULL PRIMARY KEY", "site_id {id} NOT NULL", "answered_at {int} NOT NULL",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
            "FOREIGN KEY (site_id) REFERENCES sites (id)",
        ],
        indexes: [("site_waiting_cases_site", "site_id, answered_at, case_id")])

    private static let siteEvents = TableDefinition(
        "site_events",
        [
            "sequence {int} NOT NULL PRIMARY KEY", "site_id {id}", "kind {name} NOT NULL", "at {int} NOT NULL",
            "user_id {id}", "facts_json {text} NOT NULL",
        ],
        indexes: [("site_events_site", "site_id, sequence")])

    private static let changePlans = TableDefinition(
        "change_plans",
        [
            "revision {int} NOT NULL PRIMARY KEY", "modifications {text} NOT NULL", "change_protocol {text} NOT NULL",
            "impact {text} NOT NULL", "at {int} NOT NULL", "user_id {id}",
        ])
}
