import Clinic
import Foundation
import Store
import Testing

@Suite struct AppointmentRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `of many who want one slot at once, one gets it`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let outcomes = try await racing(12) { _ in
                do {
                    try await database.write { transaction in
                        try transaction.lockBookings(of: practice.doctor.id)
                        try transaction.insert(.sample(with: practice.doctor.id, by: practice.patient.id, at: 1800))
                    }
                    return "stored"
                } catch let error as ClinicError {
                    return "\(error.code.rawValue) \(error.field ?? "")"
                }
            }
            #expect(outcomes.filter { $0 == "stored" }.count == 1)
            #expect(outcomes.filter { $0 == "duplicate slot" }.count == 11, "\(outcomes)")
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `under the lock nobody books over a visit that overlaps`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            // Visits of 30 minutes, beginning every 10 minutes from two sides: without the lock, two of them overlap.
            _ = try await racing(12) { index in
                let wish = Appointment.sample(
                    with: practice.doctor.id, by: practice.patient.id, at: Double(index) * 600)
                try await database.write { transaction in
                    try transaction.lockBookings(of: practice.doctor.id)
                    let taken = try transaction.appointments(
                        of: practice.doctor.id, from: wish.startsAt, until: wish.endsAt)
                    if taken.isEmpty { try transaction.insert(wish) }
                }
            }
            let stored = try await database.read {
                try $0.appointments(of: practice.doctor.id, from: moment(-9999), until: moment(99_999))
            }
            #expect(stored.count >= 3)
            for (first, second) in zip(stored, stored.dropFirst()) { #expect(first.endsAt <= second.startsAt) }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a cancelled visit frees its slot and cannot come back once it is taken`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let doctor = practice.doctor.id
            var first = Appointment.sample(with: doctor, by: practice.patient.id, at: 0)
            let booked = first
            try await database.write { try $0.insert(booked) }
            #expect(try await database.read { try $0.appointment(booked.id) } == booked)
            (first.state, first.reason, first.sequence, first.updatedAt) = (.cancelled, "Ill", 1, moment(5))
            (first.note, first.remindedAt) = ("Changed", moment(4))
            let cancelled = first
            try await database.write { transaction in
                #expect(try transaction.hasAppointment(of: practice.patient.id, with: doctor))
                try transaction.update(cancelled)
                #expect(try transaction.appointment(cancelled.id) == cancelled)
                #expect(try !transaction.hasAppointment(of: practice.patient.id, with: doctor))
                #expect(try transaction.appointments(of: doctor, from: moment(-1), until: moment(9999)).isEmpty)
                try transaction.insert(.sample(with: doctor, by: practice.patient.id, at: 0))
                try transaction.insert(.sample(with: doctor, by: practice.patient.id, at: 7200, state: .cancelled))
                try transaction.insert(.sample(with: doctor, by: practice.patient.id, at: 7200, state: .cancelled))
            }
            let error = await #expect(throws: ClinicError.self) { try await database.write { try $0.update(booked) } }
            #expect(error?.code == .duplicate && error?.field == "slot")
            let unknown = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.update(.sample(with: doctor, by: practice.patient.id, at: 1)) }
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a visit keeps its number and its video address, and moves with its slot`(_ kind: TestedDatabase) async throws
    {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let doctor = practice.doctor.id
            var visit = Appointment.sample(with: doctor, by: practice.patient.id, at: 0)
            visit.phone = PatientPhone(number: "+919876543210", isForDoctor: true, isForMessages: false)
            visit.videoAddress = "https://meet.example.org/" + String(repeating: "a", count: 475)
            let booked = visit
            (visit.startsAt, visit.endsAt, visit.phone) = (moment(7200), moment(9000), nil)
            visit.videoAddress = ""
            let moved = visit
            try await database.write { transaction in
                try transaction.insert(booked)
                #expect(try transaction.appointment(booked.id) == booked)
                try transaction.update(moved)
                #expect(try transaction.appointment(booked.id) == moved)
                // The slot of before is free, the new one is taken.
                try transaction.insert(.sample(with: doctor, by: practice.patient.id, at: 0))
            }
            let error = await #expect(throws: ClinicError.self) {
                try await database.write {
                    try $0.insert(.sample(with: doctor, by: practice.patient.id, at: 7200))
                }
            }
            #expect(error?.code == .duplicate && error?.field == "slot")
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `visits that overlap a time are found however they lie to it`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let doctor = practice.doctor.id
            let visits = [(0.0, 30.0), (1800, 30), (3600, 1440), (100_000, 30)].map {
                Appointment.sample(with: doctor, by: practice.patient.id, at: $0.0, minutes: $0.1)
            }
            try await database.write { transaction in
                for visit in visits.reversed() { try transaction.insert(visit) }
                for minutes in [0.0, -10, 1441] {
                    let error = #expect(throws: ClinicError.self) {
                        try transaction.insert(
                            .sample(with: doctor, by: practice.patient.id, at: 9e6, minutes: minutes))
                    }
                    #expect(error?.code == .invalid)
                }
            }
            for (from, until, expected) in [
                (0.0, 1800.0, [0]), (1799, 1801, [0, 1]), (1800, 1800.5, [1]), (85_000, 90_000, [2]),
                (90_000, 99_000, []),
                (-5, 0, []), (-5, 200_000, [0, 1, 2, 3]),
            ] as [(Double, Double, [Int])] {
                let found = try await database.read {
                    try $0.appointments(of: doctor, from: moment(from), until: moment(until))
                }
                #expect(found == expected.map { visits[$0] }, "\(from) to \(until)")
            }
            #expect(
                try await database.read { try $0.appointments(of: DoctorID(), from: moment(0), until: moment(9)) } == []
            )
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `lists of patient and doctor are in order, and open visits are counted`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let (doctor, patient) = (practice.doctor.id, practice.patient.id)
            let states: [Appointment.State] = [.completed, .confirmed, .requested, .cancelled, .missed, .confirmed]
            let visits = states.enumerated().map { index, state in
                Appointment.sample(with: doctor, by: patient, at: Double(index) * 3600, state: state)
            }
            try await database.write { transaction in for visit in visits { try transaction.insert(visit) } }
            try await database.read { transaction in
                #expect(try transaction.appointments(of: patient, limit: 4) == Array(visits.reversed().prefix(4)))
                let open = try transaction.appointments(
                    of: doctor, states: [.confirmed, .requested], from: moment(3600), limit: 9)
                #expect(open == [visits[1], visits[2], visits[5]])
                #expect(
                    try transaction.appointments(of: doctor, states: [.confirmed], from: moment(3601), limit: 9)
                        == [visits[5]])
                #expect(try transaction.appointments(of: doctor, states: [], from: moment(0), limit: 9) == [])
                #expect(
                    try transaction.appointments(
                        of: doctor, states: Set(Appointment.State.allCases), from: moment(-1), limit: 2)
                        == Array(visits.prefix(2)))
                #expect(try transaction.countOpenAppointments(of: patient, now: moment(0)) == 3)
                // The second one is on, then over.
                #expect(try transaction.countOpenAppointments(of: patient, now: moment(4000)) == 3)
                #expect(try transaction.countOpenAppointments(of: patient, now: moment(5400)) == 2)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a reminder goes out once, and not for a cancelled visit`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let visits = [Appointment.State.confirmed, .confirmed, .requested, .confirmed].enumerated().map {
                Appointment.sample(
                    with: practice.doctor.id, by: practice.patient.id, at: Double($0) * 3600, state: $1)
            }
            try await database.write { transaction in for visit in visits { try transaction.insert(visit) } }
            let due = try await database.read {
                try $0.appointmentsToRemind(from: moment(0), until: moment(3 * 3600), limit: 9)
            }
            #expect(due == Array(visits.prefix(2)))
            let claims = try await racing(8) { _ in
                try await database.write { try $0.claimReminder(visits[0].id, at: moment(7)) }
            }
            #expect(claims.filter { $0 }.count == 1)
            #expect(try await database.read { try $0.appointment(visits[0].id)?.remindedAt } == moment(7))
            let left = try await database.read {
                try $0.appointmentsToRemind(from: moment(0), until: moment(99_999), limit: 1)
            }
            #expect(left == [visits[1]])
            var cancelled = visits[1]
            cancelled.state = .cancelled
            let gone = cancelled
            try await database.write { try $0.update(gone) }
            #expect(try await !database.write { try $0.claimReminder(gone.id, at: moment(8)) })
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the bookings of a doctor who is not there cannot be locked`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.lockBookings(of: DoctorID()) }
            }
            #expect(error?.code == .notFound)
        }
    }
}
