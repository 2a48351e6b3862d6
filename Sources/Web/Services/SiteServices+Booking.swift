import Clinic

extension SiteServices {
    var booking: Booking { Booking(database: database, clock: clock) }

    var reviews: Reviews { Reviews(database: database, clock: clock) }
}
