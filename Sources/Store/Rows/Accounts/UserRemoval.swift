import Clinic

extension SQLTransaction {
    /// What goes with an account, and what stays for others:
    /// - Sessions, tokens, cases with images, screenings, shares, readings of them, appointments as a patient, reviews and
    ///   reports go. Ratings and the queue of moderation are worked out again; the next free slots of the doctors are the
    ///   caller's to refresh.
    /// - Of a clinician, drafts of readings and shares go. What was signed, and what was changed or confirmed of cells, stays
    ///   with the patient under the bare identifier of somebody who is gone.
    /// - A clinician's entry in the directory goes if no patient has an appointment with it. Otherwise name, address and
    ///   registration stay for those patients; it is retired, belongs to nobody, and loses contact, portrait, words and
    ///   papers. The caller removes the files.
    func deleteUser(_ id: UserID) throws {
        let reviewed: [DoctorID] = try connection.column(
            "SELECT doctor_id FROM reviews WHERE patient_id = ?", id.text)
        let reported: [ReviewID] = try connection.column(
            "SELECT review_id FROM review_reports WHERE reporter_id = ?", id.text)
        try connection.execute("DELETE FROM readings WHERE reader_id = ? AND signed_at IS NULL", id.text)
        try connection.execute("DELETE FROM case_readings WHERE reader_id = ? AND signed_at IS NULL", id.text)
        try leaveDirectory(id)
        // The rest goes by its foreign keys.
        try connection.execute("DELETE FROM users WHERE id = ?", id.text)
        for doctor in Set(reviewed).sorted(by: { $0.text < $1.text }) { try refreshRating(of: doctor) }
        for review in reported { try refreshModeration(of: review) }
    }

    private func leaveDirectory(_ user: UserID) throws {
        guard let doctor = try doctor(of: user)?.id else { return }
        let hasPatients =
            try connection.first(
                "SELECT id FROM appointments WHERE doctor_id = ? AND patient_id <> ? LIMIT 1", doctor.text, user.text)
            != nil
        guard hasPatients else {
            try connection.execute("DELETE FROM doctors WHERE id = ?", doctor.text)
            return
        }
        try connection.execute(
            """
            UPDATE doctors SET status = 'retired', user_id = NULL, next_free_at = NULL, photo_key = NULL, phone = '', \
            email = '', website = '', about = '', status_reason = '' WHERE id = ?
            """, doctor.text)
        try refreshCandidate(doctor, of: nil)
        try connection.execute("DELETE FROM doctor_documents WHERE doctor_id = ?", doctor.text)
    }
}
