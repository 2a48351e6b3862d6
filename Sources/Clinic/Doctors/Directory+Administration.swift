/// The directory as administrators look at it.
extension Directory {
    /// An entry with all that is known of it.
    public struct Entry: Sendable {
        public let doctor: Doctor
        public let documents: [DoctorDocument]
        /// Whose entry it is; nil for one that nobody has claimed.
        public let account: User?
    }

    /// - Throws: `ClinicError.notFound`.
    public func entry(_ id: DoctorID) async throws -> Entry {
        try await database.read { transaction in
            guard let doctor = try transaction.doctor(id) else { throw Self.nothingHere }
            return Entry(
                doctor: doctor, documents: try transaction.documents(of: id),
                account: try doctor.userID.flatMap { try transaction.user($0) })
        }
    }

    /// A page of entries, and how many there are in each state. Those who wait come in the order in which they came,
    /// others newest first.
    ///
    /// - Parameter status: Nil for all.
    public func entries(
        _ status: Doctor.Status?, search: String, limit: Int, offset: Int
    ) async throws -> (doctors: [Doctor], counts: [Doctor.Status: Int]) {
        let filter = DoctorFilter(status: status, search: search)
        return try await database.read { transaction in
            var counts: [Doctor.Status: Int] = [:]
            for status in Doctor.Status.allCases {
                counts[status] = try transaction.countDoctors(matching: DoctorFilter(status: status))
            }
            guard status == .pending else {
                return (try transaction.doctors(matching: filter, limit: limit, offset: offset), counts)
            }
            let left = try transaction.countDoctors(matching: filter) - offset
            guard left > 0 else { return ([], counts) }
            let count = min(left, limit)
            return (
                try transaction.doctors(matching: filter, limit: count, offset: left - count).reversed(), counts
            )
        }
    }

    /// The account with this address.
    ///
    /// - Throws: `ClinicError.invalid` with field `email` where there is none.
    public func account(email: String) async throws -> User {
        guard let user = try await database.read({ try $0.user(typed: email) }) else {
            throw ClinicError(.invalid, "errors.directory.nobody", field: "email")
        }
        return user
    }
}
