import Foundation

extension Accounts {
    /// Changes name and place.
    ///
    /// - Throws: `ClinicError.invalid` with the field.
    public func updateProfile(of id: UserID, name: String, place: UserPlace?) async throws {
        let name = try AccountRules.name(name)
        let place = try place.map(AccountRules.place)
        let now = clock()
        try await database.write { transaction in
            var user = try Self.required(id, in: transaction)
            user.name = name
            user.place = place
            try transaction.update(user)
            try transaction.append(AuditEntry(.user(.update), by: .user(id), detail: "profile", at: now))
        }
    }

    /// Keeps the language that somebody chose for pages and letters.
    ///
    /// - Parameter language: Its tag (RFC 5646), of those that the site speaks.
    /// - Throws: `ClinicError.notFound`.
    public func setLanguage(_ language: String, of id: UserID) async throws {
        let now = clock()
        try await database.write { transaction in
            var user = try Self.required(id, in: transaction)
            guard user.language != language else { return }
            user.language = language
            try transaction.update(user)
            try transaction.append(
                AuditEntry(.user(.update), by: .user(id), detail: "language=\(language)", at: now))
        }
    }

    /// Changes the e-mail address of somebody who has just shown who they are. Other sessions end, and links that were
    /// sent to the old address no longer work.
    ///
    /// - Parameters:
    ///   - email: As typed.
    ///   - session: The one that stays.
    /// - Throws: `ClinicError.invalid` with field `email` or `password`, `.duplicate` with field `email`.
    public func changeEmail(
        for confirmation: Confirmation, to email: String, keeping session: LoginSession
    ) async throws {
        let email = try AccountRules.email(email)
        let now = clock()
        try await database.write { transaction in
            var user = try confirmation.user(in: transaction)
            user.email = email
            try transaction.update(user)
            try transaction.deleteSessions(of: user.id, except: session.digest)
            try transaction.deleteOneTimeTokens(purpose: .passwordReset, of: user.id)
            try transaction.append(AuditEntry(.user(.update), by: .user(user.id), detail: "email", at: now))
        }
    }

    /// Changes what somebody may do; every session of theirs ends (OWASP ASVS 5.0, 7.4.2).
    ///
    /// - Throws: `ClinicError.notFound`.
    public func setRole(_ role: Role, of id: UserID, by actor: AuditEntry.Actor) async throws {
        try await change(id, by: actor, detail: "role=\(role.rawValue)", endsSessions: true) { $0.role = role }
    }

    /// Locks an account or opens it again; a locked one's sessions end and its tokens open nothing.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func setDisabled(_ isDisabled: Bool, of id: UserID, by actor: AuditEntry.Actor) async throws {
        try await change(id, by: actor, detail: "disabled=\(isDisabled)", endsSessions: isDisabled) {
            $0.isDisabled = isDisabled
        }
    }

    private func change(
        _ id: UserID, by actor: AuditEntry.Actor, detail: String, endsSessions: Bool,
        _ change: @escaping @Sendable (inout User) -> Void
    ) async throws {
        let now = clock()
        try await database.write { transaction in
            var user = try Self.required(id, in: transaction)
            change(&user)
            try transaction.update(user)
            if endsSessions { try transaction.deleteSessions(of: id, except: nil) }
            try transaction.append(AuditEntry(.user(.update), by: actor, object: id.text, detail: detail, at: now))
        }
    }

    /// The own account of somebody, with the browsers that are logged in and every token.
    ///
    /// - Throws: `ClinicError.notFound`.
    public func own(_ id: UserID) async throws -> (user: User, sessions: Int, tokens: [APIToken]) {
        try await database.read { transaction in
            (
                try Self.required(id, in: transaction), try transaction.countSessions(of: id),
                try transaction.apiTokens(of: id)
            )
        }
    }

    /// Notes that somebody takes everything along.
    public func noteExport(of id: UserID) async throws {
        let now = clock()
        try await database.write { try $0.append(AuditEntry(.user(.export), by: .user(id), object: id.text, at: now)) }
    }

    /// What is left to do after an account was deleted.
    public struct Deletion: Sendable {
        /// The keys of the files that belong to nobody now, to be removed from the archive; should that be interrupted,
        /// the sweep after the next start finds them.
        public let archiveKeys: [String]
        /// Appointments that were called off, whose other side is to be told.
        public let released: [Booking.Released]
    }

    /// Deletes the account, with everything in it, of somebody who has just shown who they are.
    ///
    /// - Throws: `ClinicError.invalid` with field `password`.
    public func delete(for confirmation: Confirmation) async throws -> Deletion {
        let id = confirmation.userID
        let now = clock()
        let deletion = try await database.write { transaction in
            // The log is held from here on, so that two administrators cannot leave at the same moment.
            try transaction.append(AuditEntry(.user(.delete), by: .user(id), object: id.text, at: now))
            _ = try transaction.auditHead()
            guard try !UserAdministration.isLastAdministrator(confirmation.user(in: transaction), in: transaction)
            else { throw ClinicError(.invalid, "errors.accounts.youAreLast", field: "password") }
            let deletion = try Self.erase(id, at: now, in: transaction)
            try transaction.forgetObjects(deletion.archiveKeys)
            try transaction.note(Erasure(.account, id.text, at: now))
            return deletion
        }
        try await database.eraseTraces()
        return deletion
    }

    /// Deletes an account and all that is its own.
    static func erase(_ id: UserID, at now: Date, in transaction: any ClinicTransaction) throws -> Deletion {
        var keys = try transaction.archiveKeys(of: id)
        try forEachCase(of: id, in: transaction) { smearCase in
            keys += try transaction.screenings(of: smearCase.id).map { "screenings/\($0.id)/" }
        }
        keys += try transaction.slides(ofOwner: id).map(\.archiveFolder)
        let released = try Booking.releaseAll(of: id, now: now, in: transaction)
        keys += try Directory.removeEntry(of: id, now: now, in: transaction)
        try Reviews.removeAll(of: id, in: transaction)
        try transaction.deleteUser(id)
        return Deletion(archiveKeys: keys, released: released)
    }

    static func forEachCase(
        of owner: UserID, in transaction: any CaseRows, _ body: (SmearCase) throws -> Void
    ) throws {
        var cursor: CaseCursor?
        while true {
            let page = try transaction.cases(of: owner, matching: CaseFilter(), after: cursor, limit: 100)
            for summary in page { try body(summary.smearCase) }
            guard page.count == 100, let last = page.last?.smearCase else { return }
            cursor = CaseCursor(updatedAt: last.updatedAt, id: last.id)
        }
    }
}
