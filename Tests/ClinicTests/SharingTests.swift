import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct SharingTests {
    @Test func `a doctor sees what is shared and nothing else of the case`() async throws {
        try await ReadingRoom.lend { room in
            #expect(try await !room.sees(room.reader))
            try await room.share()
            #expect(try await room.sees(room.reader))
            #expect(try await !room.sees(room.reader, 1))
            #expect(try await !room.sees(room.otherReader))
            #expect(try await !room.sees(room.otherPatient))
            #expect(try await room.sees(room.patient, 1))
            #expect(try await room.sees(room.administrator, 1))
            for (user, reads) in [(room.patient, true), (room.administrator, true), (room.reader, false)] {
                let seen = try await room.database.read { transaction in
                    (try? CaseAccess.readable(room.smearCase.id, by: user, in: transaction)) != nil
                }
                #expect(seen == reads, "\(user.name)")
            }
        }
    }

    @Test func `a withdrawn share ends at once, one or all`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            try await room.share(1)
            try await room.sharing.withdraw([room.screenings[0].id], from: room.reader.id, by: room.patient.id)
            #expect(try await !room.sees(room.reader))
            #expect(try await room.sees(room.reader, 1))
            try await room.share()
            try await room.sharing.withdrawAll(from: room.reader.id, by: room.patient.id)
            #expect(try await !room.sees(room.reader))
            #expect(try await !room.sees(room.reader, 1))
            #expect(
                try await room.actions().filter { $0.hasPrefix("screening.") }
                    == ["screening.share", "screening.share", "screening.unshare", "screening.share"]
                    + ["screening.unshare", "screening.unshare"])
        }
    }

    @Test func `a share counts for clinicians alone`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            var demoted = room.reader
            demoted.role = .patient
            #expect(try await !room.sees(demoted))
        }
    }

    @Test func `only a verified doctor with an appointment that stands is given anything`() async throws {
        try await ReadingRoom.lend { room in
            let id = room.screenings[0].id
            await #expect {
                try await room.sharing.share([id], with: room.otherDoctor.id, by: room.patient.id)
            } throws: { isClinicError($0, .forbidden, field: "doctor") }
            await #expect {
                try await room.sharing.share([id], with: DoctorID(), by: room.patient.id)
            } throws: { isClinicError($0, .notFound) }
            var doctor = room.doctor
            doctor.status = .retired
            try await room.database.write { [doctor] in try $0.update(doctor) }
            await #expect { try await room.share() } throws: { isClinicError($0, .notFound) }
            doctor.status = .verified
            try await room.database.write { [doctor] in try $0.update(doctor) }
            var locked = room.reader
            locked.isDisabled = true
            try await room.database.write { [locked] in try $0.update(locked) }
            await #expect { try await room.share() } throws: { isClinicError($0, .invalid, field: "doctor") }
        }
    }

    @Test func `nobody shares what is another's, nothing, or what is not done`() async throws {
        try await ReadingRoom.lend { room in
            let id = room.screenings[0].id
            let visit = Appointment(
                doctorID: room.doctor.id, patientID: room.otherPatient.id, startsAt: room.clock.now(),
                endsAt: room.clock.now().addingTimeInterval(1800), createdAt: room.clock.now(),
                updatedAt: room.clock.now())
            try await room.database.write { try $0.insert(visit) }
            await #expect {
                try await room.sharing.share([id], with: room.doctor.id, by: room.otherPatient.id)
            } throws: { isClinicError($0, .notFound) }
            await #expect {
                try await room.sharing.withdraw([id], from: room.reader.id, by: room.otherPatient.id)
            } throws: { isClinicError($0, .notFound) }
            for wrong in [[], Array(repeating: id, count: Sharing.maximumAtOnce + 1)] {
                await #expect {
                    try await room.sharing.share(wrong, with: room.doctor.id, by: room.patient.id)
                } throws: { isClinicError($0, .invalid, field: "screening") }
            }
            let image = CaseImage(
                caseID: room.smearCase.id, number: 0, uploadKey: "q", width: 64, height: 64, byteCount: 1,
                sha256: String(repeating: "1", count: 64), archiveKey: "images/q.png", createdAt: room.clock.now())
            let queued = ScreeningRecord(imageID: image.id, caseID: room.smearCase.id, createdAt: room.clock.now())
            try await room.database.write { _ = try $0.insert(image, screening: queued) }
            await #expect {
                try await room.sharing.share([queued.id], with: room.doctor.id, by: room.patient.id)
            } throws: { isClinicError($0, .invalid, field: "screening") }
        }
    }

    @Test func `of several screenings all are shared or none`() async throws {
        try await ReadingRoom.lend { room in
            await #expect(throws: ClinicError.self) {
                try await room.sharing.share(
                    [room.screenings[0].id, ScreeningID()], with: room.doctor.id, by: room.patient.id)
            }
            let (sees, actions) = (try await room.sees(room.reader), try await room.actions())
            #expect(!sees)
            #expect(actions.isEmpty)
        }
    }

    @Test func `cancelling the last appointment of the two takes everything back, and only then`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            var second = room.appointment
            second = Appointment(
                doctorID: room.doctor.id, patientID: room.patient.id,
                startsAt: second.startsAt.addingTimeInterval(7200),
                endsAt: second.endsAt.addingTimeInterval(7200), createdAt: room.clock.now(), updatedAt: room.clock.now()
            )
            try await room.database.write { [second] in try $0.insert(second) }
            for (appointment, remains) in [(room.appointment, true), (second, false)] {
                var cancelled = appointment
                cancelled.state = .cancelled
                try await room.database.write { [cancelled] transaction in
                    try transaction.update(cancelled)
                    try Sharing.end(
                        of: cancelled, by: .user(room.patient.id), now: room.clock.now(), in: transaction)
                }
                #expect(try await room.sees(room.reader) == remains)
            }
            #expect(try await room.actions().last == "screening.unshare")
        }
    }

    @Test func `deleting an image, a case or an account removes the shares`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            try await room.share(1)
            try await room.database.write { try $0.deleteImage(room.screenings[0].imageID) }
            #expect(try await room.database.read { try $0.shares(by: room.patient.id, limit: 10) }.count == 1)
            try await room.database.write { try $0.deleteCase(room.smearCase.id) }
            #expect(try await room.database.read { try $0.shares(by: room.patient.id, limit: 10) }.isEmpty)
        }
        try await ReadingRoom.lend { room in
            try await room.share()
            try await room.database.write { try $0.deleteUser(room.reader.id) }
            #expect(try await room.database.read { try $0.shares(of: room.screenings[0].id) }.isEmpty)
            #expect(try await room.sharing.overview(of: room.patient.id, by: .user(room.patient.id)).shared.isEmpty)
        }
    }

    @Test func `consent to training is kept with the share and can be changed without sharing anew`() async throws {
        try await ReadingRoom.lend { room in
            let id = room.screenings[0].id
            try await room.share(allowsTraining: true)
            #expect(try await room.database.read { try $0.shares(of: id) }.map(\.allowsTraining) == [true])
            room.clock.advance(60)
            try await room.sharing.allowTraining(false, of: [id], with: room.reader.id, by: room.patient.id)
            let share = try #require(try await room.database.read { try $0.shares(of: id) }.first)
            #expect(!share.allowsTraining)
            #expect(share.sharedAt == room.clock.now().addingTimeInterval(-60))
            await #expect {
                try await room.sharing.allowTraining(
                    true, of: [room.screenings[1].id], with: room.reader.id, by: room.patient.id)
            } throws: { isClinicError($0, .notFound) }
        }
    }

    @Test func `the patient is told what is shared with whom, and what may be`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            let actor = AuditEntry.Actor.user(room.patient.id)
            let (shared, doctors) = try await room.sharing.overview(of: room.patient.id, by: actor)
            #expect(shared.map(\.readerName) == ["Dr Reader"])
            #expect(shared.first?.items.map(\.screening.id) == [room.screenings[0].id])
            #expect(doctors.map(\.id) == [room.doctor.id])
            let choice = try await room.sharing.choice(of: room.patient.id, for: room.doctor.id, by: actor)
            #expect(choice.items.map { $0.share != nil } == [true, false])
            await #expect {
                _ = try await room.sharing.choice(of: room.otherPatient.id, for: room.doctor.id, by: actor)
            } throws: { isClinicError($0, .forbidden) }
        }
    }
    @Test func `of screenings shared together the newest image is listed first`() async throws {
        try await ReadingRoom.lend(outcomes: Array(repeating: (.report, .preB), count: 6)) { room in
            try await room.sharing.share(
                room.screenings.map(\.id), with: room.doctor.id, allowsTraining: false, by: room.patient.id)
            let shared = try await room.sharing.overview(of: room.patient.id, by: .user(room.patient.id)).shared
            #expect(shared.first?.items.map(\.screening.id) == room.screenings.map(\.id).reversed())
        }
    }
}
