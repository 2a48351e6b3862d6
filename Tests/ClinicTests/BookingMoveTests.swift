import Clinic
import Foundation
import Store
import Testing

@Suite struct BookingMoveTests {
    @Test func `moves a visit to a free slot, asks anew and frees the old one`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "Kept")
            _ = try await booking.confirm(asked.id, by: practice.doctorUser)
            let moved = try await booking.move(asked.id, to: Practice.at(10), by: practice.anna)
            #expect((moved.id, moved.state, moved.sequence, moved.note) == (asked.id, .requested, 2, "Kept"))
            #expect((moved.startsAt, moved.endsAt) == (Practice.at(10), Practice.at(10.5)))
            #expect(try await practice.nextFree() == Practice.at(9))
            #expect(try await booking.visit(asked.id, by: practice.anna).appointment == moved)
            let told = try await practice.database.read { try $0.countUnseenNotices(of: practice.anna) }
            #expect(told == 0)
            #expect(try await practice.actions().contains("appointment.move"))
        }
    }

    @Test func `moves neither for others, nor to what is taken, nor what is over`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            _ = try await booking.request(Practice.at(10), with: practice.doctor.id, by: practice.ben, note: "")
            for (user, hour, code, field) in [
                (practice.doctorUser, 11.0, ClinicError.Code.notFound, String?.none),
                (practice.ben, 11, .notFound, nil),
                (practice.anna, 10, .duplicate, "slot"), (practice.anna, 9, .invalid, "slot"),
                (practice.anna, 9.25, .invalid, "slot"), (practice.anna, 3, .invalid, "slot"),
            ] {
                await #expect {
                    _ = try await booking.move(asked.id, to: Practice.at(hour), by: user)
                } throws: { isError(code, field)($0) }
            }
            practice.now = Practice.at(9)
            await #expect {
                _ = try await booking.move(asked.id, to: Practice.at(11), by: practice.anna)
            } throws: { isError(.invalid, "state")($0) }
            #expect(try await practice.database.read { try $0.appointment(asked.id) } == asked)
        }
    }

    @Test func `takes a video address of the doctor alone, while the visit is open`() async throws {
        try await Practice.run { practice in
            let booking = practice.booking
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "")
            let address = "https://meet.example.org/room?x=1"
            let set = try await booking.setVideo(asked.id, to: " \(address) ", by: practice.doctorUser)
            #expect((set.videoAddress, set.sequence) == (address, 1))
            #expect(try await booking.setVideo(asked.id, to: address, by: practice.doctorUser).sequence == 1)
            for wrong in [
                "http://meet.example.org", "https://", "meet.example.org", "javascript:alert(1)",
                "https://a:b@meet.example.org", "https://meet.example.org/a b", "https://मीट.example.org",
                "https://meet.example.org/" + String(repeating: "a", count: 500),
            ] {
                await #expect {
                    _ = try await booking.setVideo(asked.id, to: wrong, by: practice.doctorUser)
                } throws: { isError(.invalid, "video")($0) }
            }
            await #expect {
                _ = try await booking.setVideo(asked.id, to: address, by: practice.anna)
            } throws: { isError(.forbidden)($0) }
            #expect(try await booking.setVideo(asked.id, to: "", by: practice.doctorUser).videoAddress.isEmpty)
            practice.now = Practice.at(12)
            await #expect {
                _ = try await booking.setVideo(asked.id, to: address, by: practice.doctorUser)
            } throws: { isError(.invalid, "video")($0) }
        }
    }

    @Test func `a message that waits still goes out after the visit got a video address, and no other comes of it`()
        async throws
    {
        try await Practice.run { practice in
            let booking = practice.booking
            let messages = VisitMessages(database: practice.database, clock: { practice.now })
            let phone = PatientPhone(number: "+919876543210", isForDoctor: false, isForMessages: true)
            let asked = try await booking.request(
                Practice.at(9), with: practice.doctor.id, by: practice.anna, note: "", phone: phone)
            let confirmed = try await booking.confirm(asked.id, by: practice.doctorUser)
            let address = "https://meet.example.org/room"
            // Looked for before, handed out after.
            let due = try await messages.due()
            let set = try await booking.setVideo(asked.id, to: address, by: practice.doctorUser)
            #expect(set.sequence == confirmed.sequence + 1)
            #expect(due.map(\.kind) == [.confirmed])
            let message = try #require(due.first)
            let delivery = try #require(try await messages.claim(message))
            #expect((delivery.number, delivery.appointment.videoAddress) == (phone.number, address))
            try await messages.sent(message)
            _ = try await booking.setVideo(asked.id, to: "", by: practice.doctorUser)
            practice.now = practice.now.addingTimeInterval(VisitMessages.lease)
            #expect(try await messages.due().isEmpty)
        }
    }
}
