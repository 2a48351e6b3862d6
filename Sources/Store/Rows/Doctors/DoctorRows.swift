import Clinic
import Foundation

extension SQLTransaction {
    func insert(_ doctor: Doctor) throws {
        let columns = ["id", "stars", "reviews", "next_free_at", "created_at"] + DoctorColumns.changing
        let fixed: [any SQLConvertible] = [
            doctor.id.text, doctor.rating.stars, doctor.rating.count, doctor.nextFreeAt, doctor.createdAt,
        ]
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        try refusingTaken(by: doctor) {
            try connection.checkedRun(
                "INSERT INTO doctors (\(columns.joined(separator: ", "))) VALUES (\(marks))",
                fixed.map(\.sqlValue) + DoctorColumns.values(doctor))
        }
        try refreshCandidate(doctor.id, of: doctor)
    }

    func update(_ doctor: Doctor) throws {
        let assignments = DoctorColumns.changing.map { "\($0) = ?" }.joined(separator: ", ")
        try refusingTaken(by: doctor) {
            let found = try connection.checkedRun(
                "UPDATE doctors SET \(assignments) WHERE id = ?", DoctorColumns.values(doctor) + [.text(doctor.id.text)]
            )
            guard found == 1 else { throw ClinicError(.notFound, "errors.doctors.none") }
        }
        try refreshCandidate(doctor.id, of: doctor)
    }

    func doctor(_ id: DoctorID) throws -> Doctor? { try doctor("id = ?", id.text) }

    func doctor(of user: UserID) throws -> Doctor? { try doctor("user_id = ?", user.text) }

    func doctor(council: String, registrationNumber: String) throws -> Doctor? {
        try doctor(
            "council_key = ? AND registration_key = ?", FoldedText.line(council), FoldedText.line(registrationNumber))
    }

    private func doctor(_ condition: String, _ arguments: String...) throws -> Doctor? {
        try connection.all(DoctorColumns.table, "WHERE \(condition)", values: arguments.map(SQLValue.text)).first
    }

    func doctors(_ ids: [DoctorID]) throws -> [Doctor] {
        var found: [DoctorID: Doctor] = [:]
        for part in ids.parts(of: 256) {
            let list = InList(Array(part))
            for doctor in try connection.all(DoctorColumns.table, "WHERE id IN \(list.sql)", values: list.values) {
                found[doctor.id] = doctor
            }
        }
        return ids.compactMap { found[$0] }
    }

    // MARK: The administrators' list

    func doctors(matching filter: DoctorFilter, limit: Int, offset: Int) throws -> [Doctor] {
        let (source, values) = Self.source(filter, connection.dialect)
        return try connection.query(
            """
            SELECT \(DoctorColumns.table.list) FROM \(source) ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?
            """, values: values + [.integer(Int64(limit)), .integer(Int64(offset))]
        ).map(DoctorColumns.table.value)
    }

    func countDoctors(matching filter: DoctorFilter) throws -> Int {
        let (source, values) = Self.source(filter, connection.dialect)
        return try connection.query("SELECT COUNT(*) FROM \(source)", values: values).first?.only() ?? 0
    }

    /// Tables and condition. A search of signs alone is none.
    private static func source(_ filter: DoctorFilter, _ dialect: SQLDialect) -> (sql: String, values: [SQLValue]) {
        var conditions: [String] = []
        var values: [SQLValue] = []
        let name = FoldedText.line(filter.search)
        if !name.isEmpty {
            conditions.append("name_key >= ? AND name_key < ?")
            values += [.text(name), .text(FoldedText.end(ofPrefix: name))]
        }
        if let status = filter.status {
            // Unlikely to narrow: SQLite leads by the name where there is one
            // (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_).
            conditions.append(name.isEmpty || dialect == .mariadb ? "status = ?" : "+status = ?")
            values.append(.text(status.rawValue))
        }
        let table = "doctors" + (name.isEmpty ? "" : dialect.forcing(index: "doctors_name"))
        return (table + (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")), values)
    }

    // MARK: What changes apart

    func setNextFree(_ at: Date?, of doctor: DoctorID) throws {
        try connection.execute("UPDATE doctors SET next_free_at = ? WHERE id = ?", at, doctor.text)
        try connection.execute("UPDATE doctor_candidates SET next_free_at = ? WHERE doctor_id = ?", at, doctor.text)
    }

    func doctorsWithPassedSlot(before: Date, limit: Int) throws -> [DoctorID] {
        try connection.column(
            """
            SELECT doctor_id FROM doctor_candidates WHERE next_free_at < ? ORDER BY next_free_at, doctor_id LIMIT ?
            """, before, limit)
    }

    /// Says which of the two unique values is taken.
    private func refusingTaken(by doctor: Doctor, _ body: () throws -> Void) throws {
        do { try body() } catch let error as ClinicError where error.code == .duplicate {
            if let userID = doctor.userID, let other = try self.doctor(of: userID), other.id != doctor.id {
                throw ClinicError(.duplicate, "errors.directory.hasEntry", field: "userID")
            }
            throw ClinicError(.duplicate, "errors.directory.number", field: "registrationNumber")
        }
    }
}
