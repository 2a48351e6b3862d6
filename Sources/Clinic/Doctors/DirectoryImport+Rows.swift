import Foundation

extension DirectoryImport {
    /// Stores one line, unless nothing is to be stored, and says what became of it.
    func row(of line: DirectoryLine, now: Date, in transaction: any DoctorRows & PlaceRows & PostcodeRows & AuditRows)
        throws
        -> DirectoryRow
    {
        let entry: CheckedDoctorEntry
        switch line.content {
        case .failure(let failure): return line.refused(failure.problems)
        case .success(let checked):
            do { entry = try line.wanted.complete(checked, in: transaction) } catch let failure
                as DirectoryLine.DirectoryLineProblems
            { return line.refused(failure.problems) }
        }
        let known = try transaction.doctor(council: entry.council, registrationNumber: entry.registrationNumber)
        guard let known else {
            let doctor = entry.doctor(of: nil, status: settings.isVerified ? .verified : .pending, now: now)
            if !settings.isDryRun {
                try transaction.insert(doctor)
                try note(doctor, "added", now, in: transaction)
            }
            return line.row(.added)
        }
        guard known.userID == nil else {
            return line.refused([.init(.registrationNumber, "errors.import.lookedAfter")])
        }
        var doctor = entry.applied(to: known)
        doctor.status = status(of: doctor, after: known)
        guard doctor != known else { return line.row(.unchanged) }
        if !settings.isDryRun {
            if doctor.status != known.status { doctor.statusReason = "" }
            doctor.updatedAt = now
            try transaction.update(doctor)
            try note(doctor, "updated", now, in: transaction)
        }
        return line.row(.updated)
    }

    private func status(of doctor: Doctor, after known: Doctor) -> Doctor.Status {
        switch known.status {
        case .retired: .retired
        case .pending, .refused: settings.isVerified ? .verified : known.status
        case .verified:
            settings.isVerified || !Directory.needsVerification(doctor, after: known) ? .verified : .pending
        }
    }

    private func note(_ doctor: Doctor, _ what: String, _ now: Date, in transaction: any AuditRows) throws {
        try transaction.append(
            AuditEntry(
                .doctor(.imported), by: actor, object: doctor.id.text,
                detail: "\(what) status=\(doctor.status.rawValue)",
                at: now))
    }
}

extension DirectoryLine {
    func row(_ outcome: DirectoryRow.Outcome) -> DirectoryRow {
        DirectoryRow(line: line, registrationNumber: registrationNumber, outcome: outcome)
    }

    func refused(_ problems: [DirectoryRow.Problem]) -> DirectoryRow {
        DirectoryRow(line: line, registrationNumber: registrationNumber, outcome: .refused, problems: problems)
    }
}

extension AsyncStream where Element: Sendable {
    /// Elements that are there already, in order.
    init(_ elements: [Element]) {
        self.init { continuation in
            for element in elements { continuation.yield(element) }
            continuation.finish()
        }
    }
}
