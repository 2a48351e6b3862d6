import Clinic

extension SQLTransaction {
    private static let users = SQLTable<User>(
        "users",
        "id email name role password_hash place_name latitude longitude totp_secret is_disabled created_at language"
    ) { row in
        try User(
            id: row["id"], email: row["email"], name: row["name"], role: row["role"],
            passwordHash: row["password_hash"], place: place(of: row), totpSecret: row["totp_secret"],
            isDisabled: row["is_disabled"], createdAt: row["created_at"], language: row["language"])
    }

    private static func place(of row: SQLRow) throws -> UserPlace? {
        guard let name: String = try row["place_name"], let latitude: Double = try row["latitude"],
            let longitude: Double = try row["longitude"]
        else { return nil }
        return UserPlace(name: name, latitude: latitude, longitude: longitude)
    }

    /// How an address is compared: people write theirs in any case, and no mail host in use tells them apart.
    private static func folded(_ email: String) -> String { email.lowercased() }

    func insert(_ user: User) throws {
        try refusingTakenEmail {
            // One that was stored before addresses were composed is the same to whoever types it.
            guard try self.user(typed: user.email) == nil else {
                throw ClinicError(.duplicate, "errors.stored.duplicate")
            }
            try connection.execute(
                """
                INSERT INTO users (\(Self.users.list), name_key, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                user.id.text, Self.folded(user.email), user.name, user.role.rawValue, user.passwordHash,
                user.place?.name, user.place?.latitude, user.place?.longitude, user.totpSecret, user.isDisabled,
                user.createdAt, user.language, FoldedText.line(user.name), user.createdAt)
        }
    }

    func user(_ id: UserID) throws -> User? {
        try connection.one(Self.users, "WHERE id = ?", id.text)
    }

    func user(email: String) throws -> User? {
        try connection.one(Self.users, "WHERE email = ?", Self.folded(email))
    }

    func update(_ user: User) throws {
        try refusingTakenEmail {
            let found = try connection.execute(
                """
                UPDATE users SET email = ?, name = ?, name_key = ?, role = ?, password_hash = ?, place_name = ?, \
                latitude = ?, longitude = ?, totp_secret = ?, is_disabled = ?, language = ? WHERE id = ?
                """,
                Self.folded(user.email), user.name, FoldedText.line(user.name), user.role.rawValue, user.passwordHash,
                user.place?.name, user.place?.latitude, user.place?.longitude, user.totpSecret, user.isDisabled,
                user.language, user.id.text)
            guard found == 1 else { throw ClinicError(.notFound, "errors.accounts.none") }
        }
    }

    func users(search: String, role: Role?, limit: Int, offset: Int) throws -> [User] {
        var source = "users u"
        var values: [SQLValue] = []
        let email = Self.folded(search).trimmingASCIISpaces
        if !email.isEmpty {
            let name = FoldedText.line(search)
            source =
                "(\(Self.idsByBeginning(withName: !name.isEmpty))) f \(connection.dialect.orderedJoin) users u ON u.id = f.id"
            values += [.text(email), .text(FoldedText.end(ofPrefix: email))]
            if !name.isEmpty { values += [.text(name), .text(FoldedText.end(ofPrefix: name))] }
        }
        if let role { values.append(.text(role.rawValue)) }
        return try connection.query(
            """
            SELECT \(Self.users.list(of: "u")) FROM \(source) \(role == nil ? "" : "WHERE u.role = ?") \
            ORDER BY u.created_at DESC, u.id DESC LIMIT ? OFFSET ?
            """,
            values: values + [.integer(Int64(limit)), .integer(Int64(offset))]
        ).map(Self.users.value)
    }

    func countUsers(role: Role?) throws -> Int {
        guard let role else { return try connection.number("SELECT COUNT(*) FROM users") }
        return try connection.number("SELECT COUNT(*) FROM users WHERE role = ?", role.rawValue)
    }

    /// Two ranges, each of its own index.
    private static func idsByBeginning(withName: Bool) -> String {
        let byEmail = "SELECT id FROM users WHERE email >= ? AND email < ?"
        return withName ? byEmail + " UNION SELECT id FROM users WHERE name_key >= ? AND name_key < ?" : byEmail
    }

    private func refusingTakenEmail(_ body: () throws -> Void) throws {
        try refusingDuplicates(of: "email", "errors.accounts.emailTaken", body)
    }
}

extension String {
    var trimmingASCIISpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
