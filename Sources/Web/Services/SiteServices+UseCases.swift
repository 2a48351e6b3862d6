import Casework
import Clinic

/// What can be done, domain by domain. Pages and the API read a request, call one of these and write the answer; they see
/// no transaction.
extension SiteServices {
    var auditLog: AuditLog { AuditLog(database: database, clock: clock) }

    var booking: Booking { Booking(database: database, clock: clock) }

    var cases: Cases { Cases(database: database, clock: clock) }

    var directory: Directory { Directory(database: database, clock: clock) }

    var doctorFiles: DoctorFiles { DoctorFiles(database: database, archive: archive, clock: clock) }

    var monitoring: Monitoring { Monitoring(database: database, clock: clock) }

    var places: Places { Places(database: database) }

    var readings: SecondReading { SecondReading(database: database, clock: clock) }

    var recommendation: Recommendation { Recommendation(database: database) }

    var removal: CaseRemoval { CaseRemoval(database: database, archive: archive, clock: clock) }

    var reviews: Reviews { Reviews(database: database, clock: clock) }

    var sharing: Sharing { Sharing(database: database, clock: clock) }

    func directoryImport(_ settings: DirectoryImport.Settings, by actor: AuditEntry.Actor) -> DirectoryImport {
        DirectoryImport(database: database, settings: settings, by: actor, clock: clock)
    }

    func records(of user: User) -> AccountRecords { AccountRecords(of: user, in: database) }
}
