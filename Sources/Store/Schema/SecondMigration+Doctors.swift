extension Migration {
    /// `council_key` and `registration_key` are folded, so that the same number in other letters is the same number.
    /// `specialties` and `languages` are lists with commas, in the doctor's order.
    static let doctors = TableDefinition(
        "doctors",
        [
            "id {id} NOT NULL PRIMARY KEY", "user_id {id}", "name {text} NOT NULL", "name_key {line} NOT NULL",
            "qualifications {text} NOT NULL", "registration_number {text} NOT NULL", "council {text} NOT NULL",
            "registration_key {line} NOT NULL", "council_key {line} NOT NULL", "specialties {key} NOT NULL",
            "languages {key} NOT NULL", "practice_since {int} NOT NULL", "clinic_name {text} NOT NULL",
            "street {text} NOT NULL", "city {text} NOT NULL", "country_code {name} NOT NULL",
            "latitude {real} NOT NULL", "longitude {real} NOT NULL", "cell {int} NOT NULL", "time_zone {key} NOT NULL",
            "fee_hundredths {int}",
            "fee_currency {name}", "phone {text} NOT NULL", "email {text} NOT NULL", "website {text} NOT NULL",
            "about {text} NOT NULL", "sees_children {int} NOT NULL", "photo_key {key}", "opening_hours {text} NOT NULL",
            "status {name} NOT NULL", "status_reason {text} NOT NULL", "is_demonstration {int} NOT NULL",
            "stars {int} NOT NULL", "reviews {int} NOT NULL", "next_free_at {int}", "created_at {int} NOT NULL",
            "updated_at {int} NOT NULL", "CONSTRAINT doctors_user UNIQUE (user_id)",
            "CONSTRAINT doctors_registration UNIQUE (council_key, registration_key)",
            "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL",
        ],
        indexes: [
            ("doctors_status", "status, created_at, id"), ("doctors_created", "created_at, id"),
            ("doctors_name", "name_key"), ("doctors_photo", "photo_key"),
        ])

    /// What the ranking reads of the verified doctors, short rows by their `GeoCells`. Kept in step with
    /// `doctors` by every function that changes them.
    static let doctorCandidates = TableDefinition(
        "doctor_candidates", isClustered: true,
        [
            "cell {int} NOT NULL", "doctor_id {id} NOT NULL", "latitude {real} NOT NULL", "longitude {real} NOT NULL",
            "specialty_bits {int} NOT NULL", "specialties {key} NOT NULL", "languages {key} NOT NULL",
            "practice_since {int} NOT NULL", "sees_children {int} NOT NULL", "stars {int} NOT NULL",
            "reviews {int} NOT NULL", "next_free_at {int}", "PRIMARY KEY (cell, doctor_id)",
            "FOREIGN KEY (doctor_id) REFERENCES doctors (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("doctor_candidates_doctor", "doctor_id"), ("doctor_candidates_free", "next_free_at, doctor_id"),
        ])

    static let doctorDocuments = TableDefinition(
        "doctor_documents",
        [
            "id {id} NOT NULL PRIMARY KEY", "doctor_id {id} NOT NULL", "name {text} NOT NULL",
            "content_type {name} NOT NULL", "byte_count {int} NOT NULL", "archive_key {key} NOT NULL",
            "created_at {int} NOT NULL", "CONSTRAINT doctor_documents_archive UNIQUE (archive_key)",
            "FOREIGN KEY (doctor_id) REFERENCES doctors (id) ON DELETE CASCADE",
        ],
        indexes: [("doctor_documents_doctor", "doctor_id, created_at, id")])

    /// `slot` is the beginning while the slot is held and NULL once it is free: so no two visits begin together, and a
    /// cancelled one stands in nobody's way.
    static let appointments = TableDefinition(
        "appointments",
        [
            "id {id} NOT NULL PRIMARY KEY", "doctor_id {id} NOT NULL", "patient_id {id} NOT NULL",
            "starts_at {int} NOT NULL", "ends_at {int} NOT NULL", "slot {int}", "state {name} NOT NULL",
            "note {text} NOT NULL", "reason {text} NOT NULL", "sequence {int} NOT NULL", "reminded_at {int}",
            "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "CONSTRAINT appointments_slot UNIQUE (doctor_id, slot)",
            "FOREIGN KEY (doctor_id) REFERENCES doctors (id) ON DELETE CASCADE",
            "FOREIGN KEY (patient_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("appointments_doctor", "doctor_id, starts_at, id"), ("appointments_patient", "patient_id, starts_at, id"),
            ("appointments_pair", "patient_id, doctor_id, state"), ("appointments_state", "state, starts_at"),
        ])

    /// No reference to the doctor: it would hold the doctor's row while the stars are added up. A review goes with its
    /// appointment, and that with either side. `queued_at` is `created_at` while moderation is to look at it.
    static let reviews = TableDefinition(
        "reviews",
        [
            "id {id} NOT NULL PRIMARY KEY", "appointment_id {id} NOT NULL", "doctor_id {id} NOT NULL",
            "patient_id {id} NOT NULL", "stars {int} NOT NULL", "text {text} NOT NULL", "state {name} NOT NULL",
            "hold_reason {text} NOT NULL", "moderation_reason {text} NOT NULL", "answer {text} NOT NULL",
            "answered_at {int}", "queued_at {int}", "created_at {int} NOT NULL", "updated_at {int} NOT NULL",
            "CONSTRAINT reviews_appointment UNIQUE (appointment_id)",
            "FOREIGN KEY (appointment_id) REFERENCES appointments (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("reviews_doctor", "doctor_id, state, created_at, id"), ("reviews_patient", "patient_id, created_at, id"),
            ("reviews_queue", "queued_at, id"),
        ])

    static let reviewReports = TableDefinition(
        "review_reports",
        [
            "id {id} NOT NULL PRIMARY KEY", "review_id {id} NOT NULL", "reporter_id {id} NOT NULL",
            "reason {text} NOT NULL", "created_at {int} NOT NULL",
            "CONSTRAINT review_reports_once UNIQUE (review_id, reporter_id)",
            "FOREIGN KEY (review_id) REFERENCES reviews (id) ON DELETE CASCADE",
            "FOREIGN KEY (reporter_id) REFERENCES users (id) ON DELETE CASCADE",
        ],
        indexes: [("review_reports_reporter", "reporter_id")])
}
