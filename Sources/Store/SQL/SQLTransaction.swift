import Clinic
import Foundation

/// Everything that can be done within a transaction, in SQL that both databases take.
///
/// Lives on its driver's thread for the time of one transaction, and holds back audit entries until its end: the lock
/// on the chain's head is the last one taken and the shortest held.
final class SQLTransaction: ClinicTransaction {
    let connection: any SQLConnection
    let auditChain: AuditChain
    /// Entries that wait for the end of the transaction.
    var waitingEntries: [AuditEntry] = []

    init(_ connection: any SQLConnection, auditKey: [UInt8]) {
        self.connection = connection
        auditChain = AuditChain(key: auditKey)
    }

    /// Runs the work and then writes what waits; the commit is the driver's.
    func perform<Value>(_ body: (any ClinicTransaction) throws -> Value) throws -> Value {
        let value = try body(self)
        try writeWaitingEntries()
        return value
    }

    /// Turns a taken unique value into the field's error.
    func refusingDuplicates(of field: String, _ key: StaticString, _ body: () throws -> Void) throws {
        do { try body() } catch let error as ClinicError where error.code == .duplicate {
            throw ClinicError(.duplicate, key, field: field)
        }
    }
}
