import Clinic
import Foundation
import Testing

/// What the rules of booking promise when many people act at once, on both databases.
@Suite struct BookingRaceTests {
    /// 24 November 2026, 08:00 UTC.
    private static let now = Date(timeIntervalSince1970: 1_795_507_200)
    private static let slot = now.addingTimeInterval(3600)

    private static func doctor(_ number: Int, of user: UserID) -> Doctor {
        Doctor(
            userID: user, name: "Dr. \(number)", qualifications: "MD", registrationNumber: "\(number)",
            council: "Test Council", specialties: [.haematology], languages: ["en"], practiceSince: 2010,
            clinic: ClinicAddress(
                name: "Clinic", street: "", city: "Town", countryCode: "IN",
                position: GeoPosition(latitude: 13, longitude: 80), timeZone: "UTC"),
            openingHours: OpeningHours(
                weekly: (1...7).map { .init(weekday: $0, start: 540, end: 720) }, slotMinutes: 30, leadMinutes: 0),
            status: .verified, createdAt: now, updatedAt: now)
    }

    private static func person(_ name: String, _ role: Role = .patient) -> User {
        User(email: "\(name)@example.org", name: name, role: role, passwordHash: "$argon2id$x", createdAt: now)
    }

    /// Doctors, each with an account, and patients.
    private static func fill(
        _ database: any ClinicDatabase, doctors: Int, patients: Int
    ) async throws -> ([Doctor], [UserID]) {
        let accounts = (0..<doctors).map { person("doctor\($0)", .clinician) }
        let entries = accounts.enumerated().map { doctor($0, of: $1.id) }
        let people = (0..<patients).map { person("patient\($0)") }
        try await database.write { transaction in
            for user in accounts + people { try transaction.insert(user) }
            for entry in entries {
                try transaction.insert(entry)
                try Booking.refreshNextFree(of: entry.id, now: now, in: transaction)
            }
        }
        return (entries, people.map(\.id))
    }

    private enum Answer: Equatable {
        case booked
        case refused(ClinicError.Code, String?)
    }

    private static func answer(_ body: () async throws -> Void) async throws -> Answer {
        do {
            try await body()
            return .booked
        } catch let error as ClinicError {
            return .refused(error.code, error.field)
        }
    }

    @Test(arguments: TestedDatabase.allCases) func `gives a slot to one of a hundred people`(tested: TestedDatabase)
        async throws
    {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 1, patients: 100)
            let booking = Booking(database: database, clock: { Self.now })
            let answers = try await racing(100) { index in
                try await Self.answer {
                    _ = try await booking.request(Self.slot, with: doctors[0].id, by: patients[index], note: "")
                }
            }
            #expect(answers.filter { $0 == .booked }.count == 1)
            #expect(answers.filter { $0 == .refused(.duplicate, "slot") }.count == 99)
            let held = try await database.read {
                try $0.appointments(
                    of: doctors[0].id, from: Date(timeIntervalSince1970: 1e9), until: Date(timeIntervalSince1970: 4e9))
            }
            #expect(held.map(\.startsAt) == [Self.slot])
            #expect(try await database.read { try $0.doctor(doctors[0].id)?.nextFreeAt } == Self.slot + 1800)
            // Those who were late are told of the next free ones.
            let next = try await booking.offer(of: doctors[0].id).free?.next(2, after: Self.slot).map(\.start)
            #expect(next == [Self.slot + 1800, Self.slot + 3600])
        }
    }

    @Test(arguments: TestedDatabase.allCases) func `fills every slot once when many want any of them`(
        tested: TestedDatabase
    )
        async throws
    {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 1, patients: 60)
            let booking = Booking(database: database, clock: { Self.now })
            let answers = try await racing(60) { index in
                try await Self.answer {
                    _ = try await booking.request(
                        Self.slot + Double(index % 6) * 1800, with: doctors[0].id, by: patients[index], note: "")
                }
            }
            #expect(answers.filter { $0 == .booked }.count == 6)
            let next = try await database.read { try $0.doctor(doctors[0].id)?.nextFreeAt }
            #expect(next == Self.slot + 86_400)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `counts the open appointments of a person who asks many doctors at once`(
        tested: TestedDatabase
    ) async throws {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 12, patients: 1)
            let booking = Booking(database: database, clock: { Self.now })
            let answers = try await racing(12) { index in
                try await Self.answer {
                    _ = try await booking.request(Self.slot, with: doctors[index].id, by: patients[0], note: "")
                }
            }
            #expect(answers.filter { $0 == .booked }.count == booking.limits.openAppointments)
            #expect(
                answers.filter { $0 == .refused(.quotaExceeded, nil) }.count == 12 - booking.limits.openAppointments)
        }
    }

    @Test(arguments: TestedDatabase.allCases) func `lets one of two sides decide`(tested: TestedDatabase) async throws {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 1, patients: 10)
            let booking = Booking(database: database, clock: { Self.now })
            let doctorUser = try #require(doctors[0].userID)
            for day in 0..<10 {
                let asked = try await booking.request(
                    Self.slot + Double(day) * 86_400, with: doctors[0].id, by: patients[day], note: "")
                let answers = try await racing(8) { index in
                    try await Self.answer {
                        if index.isMultiple(of: 2) {
                            _ = try await booking.cancel(asked.id, by: patients[day], reason: "No")
                        } else {
                            _ = try await booking.confirm(asked.id, by: doctorUser)
                        }
                    }
                }
                // At most confirmed and then cancelled; never confirmed after it was cancelled.
                let stored = try #require(try await database.read { try $0.appointment(asked.id) })
                #expect(stored.state == .cancelled)
                #expect(answers.filter { $0 == .booked }.count == stored.sequence)
                #expect((1...2).contains(stored.sequence))
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases) func `adds up every star of reviews written at once`(
        tested: TestedDatabase
    )
        async throws
    {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 1, patients: 20)
            let visits = patients.enumerated().map { number, patient in
                let start = Self.now - Double(number + 1) * 86_400
                return Appointment(
                    doctorID: doctors[0].id, patientID: patient, startsAt: start, endsAt: start + 1800,
                    state: .completed, createdAt: start, updatedAt: start)
            }
            try await database.write { transaction in for visit in visits { try transaction.insert(visit) } }
            var limits = Reviews.Limits()
            limits.perDoctorAndHour = 100
            let reviews = Reviews(database: database, clock: { Self.now }, limits: limits)
            _ = try await racing(20) { index in
                try await reviews.write(
                    stars: index % 5 + 1, text: "", for: visits[index].id, by: visits[index].patientID)
            }
            let rating = try await database.read { try $0.doctor(doctors[0].id)?.rating }
            #expect(rating == RatingSum(stars: 60, count: 20))
        }
    }

    @Test(arguments: TestedDatabase.allCases) func `sends a reminder once though two servers look`(
        tested: TestedDatabase
    )
        async throws
    {
        try await tested.with { database in
            let (doctors, patients) = try await Self.fill(database, doctors: 1, patients: 1)
            let booking = Booking(database: database, clock: { Self.now })
            let asked = try await booking.request(Self.slot + 3600, with: doctors[0].id, by: patients[0], note: "")
            _ = try await booking.confirm(asked.id, by: try #require(doctors[0].userID))
            let claims = try await racing(16) { _ in try await booking.claimReminder(asked.id) }
            #expect(claims.filter { $0 }.count == 1)
        }
    }
}
