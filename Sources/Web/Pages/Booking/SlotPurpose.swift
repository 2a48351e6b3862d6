import Clinic

/// What somebody chooses a time for: a new appointment, or another time for one that is there.
enum SlotPurpose: Sendable {
    case book
    case move(AppointmentID)

    /// Where the form with the chosen time goes.
    func action(_ doctor: Doctor) -> String {
        switch self {
        case .book: "/doctors/\(doctor.id)/book"
        case .move(let id): "/appointments/\(id)/move"
        }
    }

    /// Where somebody came from who goes back.
    func origin(_ doctor: Doctor) -> String {
        switch self {
        case .book: "/doctors/\(doctor.id)"
        case .move(let id): "/appointments/\(id)"
        }
    }

    /// The text of its own, for the catalogue.
    func entry(_ name: String) -> String {
        switch self {
        case .book: "appointments.book.\(name)"
        case .move: "appointments.move.\(name)"
        }
    }
}
