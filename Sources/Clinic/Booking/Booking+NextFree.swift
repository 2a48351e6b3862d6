import Foundation

extension Booking {
    /// Works out the next free slot anew and stores it with the doctor. Belongs into every transaction that moves hours,
    /// status, claim or appointments of a doctor.
    ///
    /// An entry that cannot be booked here has none, and neither has one in a time zone that this system does not know.
    ///
    /// - Throws: `ClinicError.notFound`.
    public static func refreshNextFree(of id: DoctorID, now: Date, in transaction: any DoctorRows & AppointmentRows)
        throws
    {
        guard let doctor = try transaction.doctor(id) else {
            throw ClinicError(.notFound, "errors.doctors.notListed")
        }
        let next = try freeSlots(of: doctor, now: now, in: transaction)?.first?.start
        if next != doctor.nextFreeAt { try transaction.setNextFree(next, of: id) }
    }

    /// The next free slots of a doctor, earliest first.
    public func next(_ count: Int, of doctor: Doctor) async throws -> [DateInterval] {
        let now = clock()
        return try await database.read { transaction in
            try Self.freeSlots(of: doctor, now: now, in: transaction)?.next(count, after: now) ?? []
        }
    }

    /// Doctors whose next free slot was looked at in one go.
    static let refreshBatch = 50

    /// Works out anew what has passed, or comes sooner than most doctors take people; for a service that runs all the
    /// time. Entries of doctors who take people at shorter notice are looked at again, and stay.
    ///
    /// - Parameter limit: Entries at most.
    /// - Returns: How many entries were looked at.
    @discardableResult
    public func refreshPassedSlots(limit: Int = 1000) async throws -> Int {
        let now = clock()
        let ahead = now.addingTimeInterval(Double(OpeningHours().leadMinutes) * 60)
        var rest = try await database.read { try $0.doctorsWithPassedSlot(before: ahead, limit: limit) }[...]
        let count = rest.count
        while !rest.isEmpty, !Task.isCancelled {
            let batch = Array(rest.prefix(Self.refreshBatch))
            rest = rest.dropFirst(Self.refreshBatch)
            try await database.write { transaction in
                // In the order of their identifiers, so that two servers never wait for each other.
                for id in batch.sorted(by: { $0.text < $1.text }) { try transaction.lockBookings(of: id) }
                for id in batch { try Self.refreshNextFree(of: id, now: now, in: transaction) }
            }
        }
        return count
    }
}
