import Clinic

/// A refusal of the database, before it is put into words.
public struct SQLFailure: Error, Sendable, Equatable {
    /// What the one who asked can do about it.
    enum Kind: Sendable, Equatable {
        /// A unique value is taken.
        case duplicate
        /// A row that another one names is not there.
        case missingReference
        /// The transaction was rolled back in favour of another one; run again, it may succeed.
        case conflict
        /// The connection is gone.
        case connectionLost
        /// The server answers, and takes no work: a node of a cluster outside its primary component. Nothing was done.
        case notServing
        case other
    }

    let kind: Kind
    /// The database's own words.
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// For callers outside this module.
    var clinicError: ClinicError {
        switch kind {
        case .duplicate: ClinicError(.duplicate, "errors.stored.duplicate")
        case .missingReference: ClinicError(.notFound, "errors.stored.missing")
        case .conflict:
            ClinicError(.databaseUnavailable, fault: "Too many changes conflict in the database; try again later.")
        case .connectionLost, .notServing, .other:
            ClinicError(.databaseUnavailable, fault: "The database refused the work: \(message)")
        }
    }
}
