extension Migration {
    /// Doctors, appointments, reviews, second readings, what the dashboards count, models, and more names of places.
    /// Whole cases are shared no more: what was shared becomes a share of each screening.
    static let second = Migration(
        number: 2,
        // The shares of cases once more: dropped at the end, they would be missed by a step that is begun again.
        tables: [
            caseShares, screeningShares, readings, screeningFacts, doctors, doctorCandidates, doctorDocuments,
            appointments, reviews, reviewReports, installedModels, modelActivations, placeNames, placePositions,
        ],
        statements: [
            """
            INSERT INTO screening_shares \
            (screening_id, user_id, patient_id, shared_at, allows_training, is_open) \
            SELECT s.id, c.user_id, s.owner_id, c.shared_at, 0, 1 \
            FROM case_shares c JOIN screenings s ON s.case_id = c.case_id WHERE NOT EXISTS \
            (SELECT 1 FROM screening_shares o WHERE o.screening_id = s.id AND o.user_id = c.user_id)
            """
        ],
        work: { connection, _ in
            try add("time_zone {name} NOT NULL DEFAULT ''", to: "places", on: connection)
            try ScreeningFacts.fillIn(on: connection)
            try PlaceKeys.fillIn(on: connection)
            try connection.execute("DROP TABLE IF EXISTS case_shares")
        })

    /// `is_open` until the clinician has signed a reading; with it the work list is an index read backwards.
    private static let screeningShares = TableDefinition(
        "screening_shares", isClustered: true,
        [
            "screening_id {id} NOT NULL", "user_id {id} NOT NULL", "patient_id {id} NOT NULL",
            "shared_at {int} NOT NULL", "allows_training {int} NOT NULL", "is_open {int} NOT NULL",
            "PRIMARY KEY (screening_id, user_id)",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("screening_shares_user", "user_id, is_open, shared_at, screening_id"),
            ("screening_shares_patient", "patient_id, shared_at, screening_id"),
            ("screening_shares_pair", "patient_id, user_id"),
        ])

    /// No reference to the reader: what is signed stays with the patient when the reader's account goes. `is_current`
    /// marks the highest signed revision of reader and screening.
    private static let readings = TableDefinition(
        "readings",
        [
            "id {id} NOT NULL PRIMARY KEY", "screening_id {id} NOT NULL", "reader_id {id} NOT NULL",
            "revision {int} NOT NULL", "label {name} NOT NULL", "comment {text} NOT NULL",
            "network_label {name} NOT NULL", "network_decision {name} NOT NULL", "model_name {line} NOT NULL",
            "model_version {line} NOT NULL", "is_blind {int} NOT NULL", "is_current {int} NOT NULL", "signed_at {int}",
            "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "CONSTRAINT readings_revision UNIQUE (screening_id, reader_id, revision)",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("readings_reader", "reader_id, id"), ("readings_signed", "is_current, signed_at, id"),
            (
                "readings_counts",
                "is_current, model_name, model_version, network_label, network_decision, label, is_blind"
            ),
        ])

    /// One row a finished screening, in the order of finishing, without the long texts.
    private static let screeningFacts = TableDefinition(
        "screening_facts", isClustered: true,
        [
            "finished_at {int} NOT NULL", "screening_id {id} NOT NULL", "day {int} NOT NULL",
            "decision {name} NOT NULL",
            "label {name} NOT NULL", "confidence {real} NOT NULL", "novelty {real}", "model_name {line} NOT NULL",
            "model_version {line} NOT NULL", "wait_ms {real} NOT NULL", "work_ms {real} NOT NULL",
            "PRIMARY KEY (finished_at, screening_id)",
            "CONSTRAINT screening_facts_screening UNIQUE (screening_id)",
            "FOREIGN KEY (screening_id) REFERENCES screenings (id) ON DELETE CASCADE",
        ],
        indexes: [("screening_facts_day", "day, decision, label, model_version, finished_at")])

    /// No references: an activation stays in the history when its model or the administrator goes.
    private static let installedModels = TableDefinition(
        "installed_models",
        [
            "id {id} NOT NULL PRIMARY KEY", "name {line} NOT NULL", "version {line} NOT NULL",
            "checksum {digest} NOT NULL", "metrics_json {text} NOT NULL", "installed_at {int} NOT NULL",
            "installed_by {id}", "CONSTRAINT installed_models_checksum UNIQUE (checksum)",
        ],
        indexes: [("installed_models_time", "installed_at, id")])

    private static let modelActivations = TableDefinition(
        "model_activations",
        [
            "sequence {int} NOT NULL PRIMARY KEY", "model_id {id}", "at {int} NOT NULL", "user_id {id}",
            "reason {text} NOT NULL",
        ])

    /// Every name of every place, its own among them, folded as `FoldedText.line` does. `head`, `tail` and `letters` are
    /// those of `PlaceSpelling`, NULL for names in other letters than Latin.
    private static let placeNames = TableDefinition(
        "place_names", isClustered: true,
        [
            "name_key {word} NOT NULL", "place_id {int} NOT NULL", "population {int} NOT NULL", "head {name}",
            "tail {name}", "letters {int}", "PRIMARY KEY (name_key, place_id)",
            "FOREIGN KEY (place_id) REFERENCES places (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("place_names_population", "population, name_key, place_id"),
            ("place_names_head", "head, letters"), ("place_names_tail", "tail, letters"),
            ("place_names_place", "place_id"),
        ])

    /// The places by their `GeoCells`.
    private static let placePositions = TableDefinition(
        "place_positions", isClustered: true,
        [
            "cell {int} NOT NULL", "place_id {int} NOT NULL", "latitude {real} NOT NULL", "longitude {real} NOT NULL",
            "PRIMARY KEY (cell, place_id)",
            "FOREIGN KEY (place_id) REFERENCES places (id) ON DELETE CASCADE",
        ],
        indexes: [("place_positions_place", "place_id")])
}
