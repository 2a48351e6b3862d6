import Clinic
import Foundation

extension SQLTransaction {
    func candidates(_ query: CandidateQuery) throws -> [DoctorCandidate] {
        guard let (sql, values) = Self.statement(query, connection.dialect) else { return [] }
        var reader = CandidateReader(query.circle)
        for row in try connection.query(sql, values: values) { try reader.add(row) }
        return reader.candidates
    }

    /// - Returns: Nil where nobody can be meant.
    private static func statement(
        _ query: CandidateQuery, _ dialect: SQLDialect
    ) -> (sql: String, values: [SQLValue])? {
        var (sql, values) = GeoCells.selection(
            """
            latitude, longitude, doctor_id, specialties, languages, practice_since, sees_children, stars, reviews, \
            next_free_at
            """, from: "doctor_candidates", within: query.circle, dialect)
        if let specialties = query.specialties {
            sql += " AND specialty_bits & ? <> 0"
            values.append(.integer(DoctorColumns.bits(specialties)))
        }
        if let language = query.language {
            guard !language.isEmpty, language.utf8.allSatisfy({ (97...122).contains($0) }) else { return nil }
            sql += " AND languages LIKE ?"
            values.append(.text("%,\(language),%"))
        }
        if let from = query.freeFrom {
            sql += " AND next_free_at >= ?"
            values.append(from.sqlValue)
            if let before = query.freeBefore {
                sql += " AND next_free_at < ?"
                values.append(before.sqlValue)
            }
        }
        return (sql, values)
    }

    /// Brings the candidate's row in step with the doctor's.
    ///
    /// - Parameter doctor: As it was stored just now; rating and next free slot are read back.
    func refreshCandidate(_ id: DoctorID, of doctor: Doctor?) throws {
        try connection.execute("DELETE FROM doctor_candidates WHERE doctor_id = ?", id.text)
        guard let doctor, doctor.status == .verified else { return }
        try connection.execute(
            Self.copying + " AND id = ?", DoctorColumns.bits(doctor.specialties), id.text)
    }

    /// Makes all of them anew, after the doctors came from a backup.
    func refreshAllCandidates() throws {
        try connection.execute("DELETE FROM doctor_candidates")
        let all: [String] = try connection.column("SELECT DISTINCT specialties FROM doctors WHERE status = 'verified'")
        for specialties in all {
            try connection.execute(
                Self.copying + " AND specialties = ?", DoctorColumns.bits(try DoctorColumns.specialties(specialties)),
                specialties)
        }
    }

    /// Languages get a comma at either end, so that one is found between two.
    private static let copying = """
        INSERT INTO doctor_candidates (cell, doctor_id, latitude, longitude, specialty_bits, specialties, languages, \
        practice_since, sees_children, stars, reviews, next_free_at) \
        SELECT cell, id, latitude, longitude, ?, specialties, REPLACE(',|,', '|', languages), practice_since, \
        sees_children, stars, reviews, next_free_at FROM doctors WHERE status = 'verified'
        """
}

/// Gathers candidates, thousands at a time: texts that many doctors have in common are taken apart once.
private struct CandidateReader {
    private let circle: GeoCircle
    private(set) var candidates: [DoctorCandidate] = []
    private var specialties: [String: [Specialty]] = [:]
    private var languages: [String: [String]] = [:]

    init(_ circle: GeoCircle) {
        self.circle = circle
    }

    mutating func add(_ row: SQLRow) throws {
        let position = try GeoPosition(latitude: row["latitude"], longitude: row["longitude"])
        guard circle.contains(position) else { return }
        candidates.append(
            try DoctorCandidate(
                id: row["doctor_id"], position: position, specialties: specialties(row["specialties"]),
                languages: languages(row["languages"]), practiceSince: row["practice_since"],
                seesChildren: row["sees_children"], rating: RatingSum(stars: row["stars"], count: row["reviews"]),
                nextFreeAt: row["next_free_at"]))
    }

    private mutating func specialties(_ text: String) throws -> [Specialty] {
        if let known = specialties[text] { return known }
        let found = try DoctorColumns.specialties(text)
        specialties[text] = found
        return found
    }

    private mutating func languages(_ text: String) -> [String] {
        if let known = languages[text] { return known }
        let found = DoctorColumns.list(text)
        languages[text] = found
        return found
    }
}
