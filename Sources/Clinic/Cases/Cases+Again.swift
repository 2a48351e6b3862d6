import Foundation

/// Screenings that failed, once more: what made them fail may be gone, or a file put back.
extension Cases {
    /// Images that may wait, of one person and in all, when some that failed are added to them.
    public static let maximumWaiting = QueueLimits()
    /// Screenings of one transaction of an operator's.
    private static let batch = 100

    /// Puts one screening that failed into the queue again; one that waits already stays as it is.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but its owner, `.invalid` for one that has an answer, `.busy` when too
    ///   many images wait, `.consentNeeded`.
    public func screenAgain(_ id: ScreeningID, by owner: Principal) async throws -> ReadableScreening {
        let now = clock()
        return try await database.write { [notice] transaction in
            guard let found = try transaction.screening(id) else { throw CaseAccess.missing }
            let smearCase = try CaseAccess.owned(found.caseID, by: owner.user, in: transaction)
            switch found.state {
            case .failed:
                try Consents.require(
                    of: owner.userID, for: smearCase.dependentID, under: notice, in: transaction)
                _ = try Self.room(for: owner.userID, in: transaction)
                try Self.requeue(found.id, by: owner.actor, now: now, in: transaction)
            case .queued, .running: break
            case .done: throw ClinicError(.invalid, "errors.screenings.notFailed", field: "screening")
            }
            return try ReadableScreening(id, for: owner.user, in: transaction)
        }
    }

    /// As `screenAgain`, for an image of a case.
    ///
    /// - Throws: As there; `ClinicError.notFound` also for an image of another case.
    public func screenAgain(image: ImageID, in id: CaseID, by owner: Principal) async throws {
        let screening = try await database.read { try $0.screening(of: image) }
        guard let screening, screening.caseID == id else { throw CaseAccess.missing }
        _ = try await screenAgain(screening.id, by: owner)
    }

    /// Puts all screenings of a case that failed into the queue again, as many as may wait.
    ///
    /// - Returns: How many.
    /// - Throws: `ClinicError.notFound` for anybody but its owner, `.busy` when too many images wait, `.consentNeeded`.
    public func screenFailedAgain(of id: CaseID, by owner: Principal) async throws -> Int {
        let now = clock()
        return try await database.write { [notice] transaction in
            let smearCase = try CaseAccess.owned(id, by: owner.user, in: transaction)
            try Consents.require(of: owner.userID, for: smearCase.dependentID, under: notice, in: transaction)
            var failed = try transaction.failedScreenings(of: id, limit: Self.maximumWaiting.ofOne)
            guard !failed.isEmpty else { return 0 }
            failed = Array(failed.prefix(try Self.room(for: owner.userID, in: transaction)))
            for screening in failed { try Self.requeue(screening, by: owner.actor, now: now, in: transaction) }
            return failed.count
        }
    }

    /// Puts everything that failed into the queue again, for the operator: however many images wait.
    ///
    /// - Parameter id: One case; nil for all.
    /// - Returns: How many.
    /// - Throws: `ClinicError.notFound` where there is no such case.
    public func screenFailedAgain(of id: CaseID?) async throws -> Int {
        var count = 0
        while true {
            let now = clock()
            let done = try await database.write { transaction in
                if let id, try transaction.smearCase(id) == nil { throw ClinicError(.notFound, "errors.cases.none") }
                let failed = try transaction.failedScreenings(of: id, limit: Self.batch)
                for screening in failed { try Self.requeue(screening, by: .system, now: now, in: transaction) }
                return failed.count
            }
            count += done
            guard done == Self.batch else { return count }
        }
    }

    private static func requeue(
        _ id: ScreeningID, by actor: AuditEntry.Actor, now: Date, in transaction: any ScreeningRows & AuditRows
    ) throws {
        guard try transaction.requeueFailed(id, at: now) else { return }
        try transaction.append(AuditEntry(.screening(.again), by: actor, object: id.text, at: now))
    }

    /// How many more images may wait; at least one.
    private static func room(for owner: UserID, in transaction: any ScreeningRows) throws -> Int {
        let own = try transaction.countPendingScreenings(of: owner)
        let room = min(
            maximumWaiting.ofOne - own,
            maximumWaiting.room(beside: own, of: try transaction.countPendingScreenings()))
        guard room > 0 else { throw ClinicError(.busy, "errors.screenings.waiting") }
        return room
    }
}
