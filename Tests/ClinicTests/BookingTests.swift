import Clinic
import Foundation
import Store
import Testing

@Suite struct BookingTests {
    @Test func `holds the slot from the request on`() async throws {
        try await Practice.run { practice in
            #expect(try await practice.nextFree() == Practice.at(9))
            let asked = try await practice.booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "  A question.\r\nAnother. ")
            #expect(asked.state == .requested)
            #expect(asked.endsAt == Practice.at(9.5))
            #expect(asked.note == "A question.\nAnother.")
            #expect(try await practice.nextFree() == Practice.at(9.5))
            let free = try await practice.booking.freeSlots(
                of: practice.doctor.id, from: practice.now, until: Practice.at(24))
            #expect(free.map(\.start) == [9.5, 10, 10.5, 11, 11.5].map(Practice.at))
            await #expect {
                _ = try await practice.booking.request(
                    Practice.at(9), with: practice.doctor.id, by: practice.ben, note: "")
            } throws: { isError(.duplicate, "slot")($0) }
            #expect(try await practice.actions() == ["appointment.request"])
        }
    }

    @Test(arguments: [8.5, 8.99, 9.25, 12.0, 7.0, 32.5, 1473.0]) func `refuses what is no free slot`(hour: Double)
        async throws
    {
        try await Practice.run { practice in
            await #expect {
                _ = try await practice.booking.request(
                    Practice.at(hour), with: practice.doctor.id, by: practice.anna, note: "")
            } throws: { isError(.invalid, "slot")($0) }
        }
    }

    @Test func `refuses a slot that only overlaps an appointment of other hours`() async throws {
        try await Practice.run { practice in
            _ = try await practice.booking.request(
                Practice.at(9.5), with: practice.doctor.id, by: practice.anna, note: "")
            var hours = practice.doctor.openingHours
            hours.slotMinutes = 45
            _ = try await practice.booking.setHours(hours, of: practice.doctorUser)
            let free = try await practice.booking.freeSlots(
                of: practice.doctor.id, from: practice.now, until: Practice.at(24))
            #expect(free.map(\.start) == [10.5, 11.25].map(Practice.at))
            await #expect {
                _ = try await practice.booking.request(
                    Practice.at(9), with: practice.doctor.id, by: practice.ben, note: "")
            } throws: { isError(.duplicate, "slot")($0) }
        }
    }

    @Test func `refuses oneself, strangers and who cannot be booked here`() async throws {
        try await Practice.run { practice in
            let unclaimed = Practice.entry(of: nil, number: "2")
            let pending = Practice.entry(of: practice.ben, number: "3", status: .pending)
            try await practice.database.write { transaction in
                try transaction.insert(unclaimed)
                try transaction.insert(pending)
            }
            for (doctor, user, code) in [
                (practice.doctor.id, practice.doctorUser, ClinicError.Code.forbidden),
                (unclaimed.id, practice.anna, .forbidden), (pending.id, practice.anna, .notFound),
                (DoctorID(), practice.anna, .notFound), (practice.doctor.id, UserID(), .notFound),
            ] {
                await #expect {
                    _ = try await practice.booking.request(Practice.at(9), with: doctor, by: user, note: "")
                } throws: { isError(code)($0) }
            }
            #expect(
                try await practice.booking.freeSlots(of: unclaimed.id, from: practice.now, until: Practice.at(24))
                    .isEmpty)
            #expect(try await practice.actions().isEmpty)
        }
    }

    @Test func `keeps to one request a doctor and five open appointments a person`() async throws {
        try await Practice.run { practice in
            _ = try await practice.booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            await #expect {
                _ = try await practice.booking.request(
                    Practice.at(10), with: practice.doctor.id, by: practice.anna, note: "")
            } throws: { isError(.duplicate, "doctor")($0) }
            for number in 2...6 {
                let user = try await practice.patient("doctor\(number)")
                let other = Practice.entry(of: user, number: "\(number)")
                try await practice.database.write { try $0.insert(other) }
                if number < 6 {
                    _ = try await practice.booking.request(Practice.at(9), with: other.id, by: practice.anna, note: "")
                } else {
                    await #expect {
                        _ = try await practice.booking.request(
                            Practice.at(9), with: other.id, by: practice.anna, note: "")
                    } throws: { isError(.quotaExceeded)($0) }
                }
            }
            // What is over counts no more.
            practice.now = Practice.at(24)
            _ = try await practice.booking.request(
                Practice.at(24 + 9), with: practice.doctor.id, by: practice.anna, note: "")
        }
    }

    /// Every action by every side, in every state, before and after the beginning: what is allowed is written down here.
    @Test func `allows what the table says and nothing else`() async throws {
        let allowed: Set<String> = [
            "confirm doctor requested before", "cancel patient requested before", "cancel doctor requested before",
            "cancel patient requested after", "cancel doctor requested after", "cancel patient confirmed before",
            "cancel doctor confirmed before", "complete doctor confirmed after", "miss doctor confirmed after",
            "complete doctor missed after",
        ]
        var seen: Set<String> = []
        for state in Appointment.State.allCases {
            for (time, now) in [("before", Practice.at(8)), ("after", Practice.at(9))] {
                let appointment = Appointment(
                    doctorID: DoctorID(), patientID: UserID(), startsAt: Practice.at(9), endsAt: Practice.at(9.5),
                    state: state, createdAt: now, updatedAt: now)
                for side in AppointmentRule.Side.allCases {
                    for action in AppointmentRule.Action.allCases {
                        let name = "\(action.rawValue) \(side.rawValue) \(state.rawValue) \(time)"
                        let isAllowed =
                            (try? AppointmentRule.state(after: action, of: appointment, by: side, now: now)) != nil
                        #expect(isAllowed == allowed.contains(name), "\(name)")
                        #expect(
                            AppointmentRule.actions(for: appointment, by: side, now: now).contains(action) == isAllowed)
                        if isAllowed { seen.insert(name) }
                    }
                }
            }
        }
        #expect(seen == allowed)
    }

    @Test func `goes from request to completed and tells the log`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            let confirmed = try await booking.confirm(asked.id, by: practice.doctorUser)
            #expect((confirmed.state, confirmed.sequence) == (.confirmed, 1))
            await #expect { _ = try await booking.complete(asked.id, by: practice.doctorUser) } throws: {
                isError(.invalid, "state")($0)
            }
            practice.now = Practice.at(9)
            await #expect { _ = try await booking.complete(asked.id, by: practice.anna) } throws: {
                isError(.forbidden)($0)
            }
            _ = try await booking.miss(asked.id, by: practice.doctorUser)
            let completed = try await booking.complete(asked.id, by: practice.doctorUser)
            #expect((completed.state, completed.sequence) == (.completed, 3))
            #expect(
                try await practice.actions() == [
                    "appointment.request", "appointment.confirm", "appointment.missed", "appointment.complete",
                ])
        }
    }

    @Test func `a cancelled slot is free again for others`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            await #expect { _ = try await booking.cancel(asked.id, by: practice.anna, reason: " ") } throws: {
                isError(.invalid, "reason")($0)
            }
            let cancelled = try await booking.cancel(asked.id, by: practice.anna, reason: "Feeling better")
            #expect((cancelled.state, cancelled.reason) == (.cancelled, "Feeling better"))
            #expect(try await practice.nextFree() == Practice.at(9))
            _ = try await booking.request(Practice.at(9), with: practice.doctor.id, by: practice.ben, note: "")
            await #expect { _ = try await booking.confirm(asked.id, by: practice.doctorUser) } throws: {
                isError(.invalid, "state")($0)
            }
        }
    }

    @Test func `shows an appointment to its two sides alone`() async throws {
        try await Practice.run { practice in
            let asked = try await practice.booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            #expect(try await practice.booking.visit(asked.id, by: practice.anna).side == .patient)
            #expect(try await practice.booking.visit(asked.id, by: practice.doctorUser).side == .doctor)
            for stranger in [practice.ben, practice.administrator] {
                await #expect { _ = try await practice.booking.visit(asked.id, by: stranger) } throws: {
                    isError(.notFound)($0)
                }
                for action in AppointmentRule.Action.allCases {
                    await #expect {
                        _ = try await practice.booking.change(asked.id, action, by: stranger, reason: "x")
                    } throws: { isError(.notFound)($0) }
                }
            }
            #expect(try await practice.actions().filter { $0 == "appointment.read" }.count == 2)
        }
    }

    @Test func `sorts the agenda by what is to be done`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            var ids: [AppointmentID] = []
            for (index, hour) in [9.0, 9.5, 10, 10.5].enumerated() {
                let patient = try await practice.patient("p\(index)")
                ids.append(
                    try await booking.request(Practice.at(hour), with: practice.doctor.id, by: patient, note: "").id)
            }
            for id in ids[..<3] { _ = try await booking.confirm(id, by: practice.doctorUser) }
            practice.now = Practice.at(9.75)
            _ = try await booking.complete(ids[0], by: practice.doctorUser)
            let agenda = try await booking.agenda(of: practice.doctorUser)
            #expect(agenda.requests.map(\.appointment.id) == [ids[3]])
            #expect(agenda.toClose.map(\.appointment.id) == [ids[1]])
            #expect(agenda.coming.map(\.appointment.id) == [ids[2]])
            #expect(agenda.closed.map(\.appointment.id) == [ids[0]])
            #expect(agenda.requests.first?.patientName == "p3")
            await #expect { _ = try await booking.agenda(of: practice.anna) } throws: { isError(.notFound)($0) }
        }
    }

    @Test func `warns of appointments outside new hours and keeps them`() async throws {
        try await Practice.run { practice in
            let asked = try await practice.booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            var hours = practice.doctor.openingHours
            hours.exceptions = [.init(date: "2026-11-24", note: "Holiday")]
            let own = try await practice.booking.setHours(hours, of: practice.doctorUser)
            #expect(own.outside.map(\.id) == [asked.id])
            #expect(try await practice.nextFree() == Practice.at(24 + 9))
            hours.exceptions = []
            #expect(try await practice.booking.setHours(hours, of: practice.doctorUser).outside.isEmpty)
            await #expect { _ = try await practice.booking.setHours(hours, of: practice.anna) } throws: {
                isError(.notFound)($0)
            }
        }
    }

    @Test func `works out slots anew that have passed`() async throws {
        try await Practice.run { practice in
            practice.now = Practice.at(9.25)
            #expect(try await practice.booking.refreshPassedSlots() == 1)
            #expect(try await practice.nextFree() == Practice.at(10.5))
            practice.now = Practice.at(10)
            // It has not passed yet, but is too soon to be booked.
            #expect(try await practice.booking.refreshPassedSlots() == 1)
            #expect(try await practice.nextFree() == Practice.at(11))
            practice.now = Practice.at(11.5)
            _ = try await practice.booking.refreshPassedSlots()
            #expect(try await practice.nextFree() == Practice.at(24 + 9))
            #expect(try await practice.booking.refreshPassedSlots() == 0)
        }
    }

    @Test func `gives a reminder to one sender and takes it back when it failed`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(24 + 9), with: practice.doctor.id, by: practice.anna, note: "")
            #expect(try await booking.appointmentsToRemind().isEmpty)
            _ = try await booking.confirm(asked.id, by: practice.doctorUser)
            #expect(try await booking.appointmentsToRemind().isEmpty)
            practice.now = Practice.at(9.5)
            #expect(try await booking.appointmentsToRemind().map(\.id) == [asked.id])
            let claims = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { (try? await booking.claimReminder(asked.id)) == true } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(claims == 1)
            #expect(try await booking.appointmentsToRemind().isEmpty)
            try await booking.releaseReminder(asked)
            #expect(try await booking.appointmentsToRemind().map(\.id) == [asked.id])
            practice.now = Practice.at(24 + 8.5)
            #expect(try await booking.appointmentsToRemind().isEmpty)
        }
    }

    @Test func `an account that is deleted frees its slots and tells the other side`() async throws {
        for deletesDoctor in [false, true] {
            try await Practice.run { practice in
                let hasher = PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1))
                let accounts = Accounts(
                    database: practice.database, key: [1], hasher: hasher, clock: { practice.now })
                let password = "three quiet herons"
                let leaving = deletesDoctor ? practice.doctorUser : practice.anna
                let hash = try await hasher.hash(password)
                try await practice.database.write { transaction in
                    var user = try #require(try transaction.user(leaving))
                    user.passwordHash = hash
                    try transaction.update(user)
                }
                let asked = try await practice.booking.request(
                    Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
                let deletion = try await accounts.delete(
                    for: accounts.confirm(Reauthentication(password: password), of: leaving))
                #expect(deletion.released.map(\.appointment.id) == [asked.id])
                #expect(
                    deletion.released.first?.reader?.email
                        == (deletesDoctor ? "anna@example.org" : "doctor@example.org"))
                #expect(try await practice.actions().contains("appointment.cancel"))
                if deletesDoctor {
                    let visit = try await practice.booking.visits(of: practice.anna).first
                    #expect(visit?.appointment.state == .cancelled)
                } else {
                    #expect(try await practice.nextFree() == Practice.at(9))
                }
            }
        }
    }
}
