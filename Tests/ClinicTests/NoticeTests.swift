import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct NoticeTests {
    private func notices(_ room: ReadingRoom) -> Notices { Notices(database: room.database, clock: room.clock.now) }

    private func kinds(_ room: ReadingRoom, _ user: User) async throws -> [Notice.Kind] {
        try await notices(room).lines(of: user.id).map(\.notice.kind)
    }

    @Test func `a patient is told of a signed reading until they open the case`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            _ = try await room.sign(.proB)
            let line = try #require(try await notices(room).lines(of: room.patient.id).first)
            #expect(line.notice.kind == .readingSigned && line.caseTitle == "Secret title")
            #expect(line.aboutName == room.doctor.name)
            let cases = Cases(database: room.database, clock: room.clock.now)
            _ = try await cases.contents(of: room.smearCase.id, for: .inBrowser(room.patient), .caseRead(.status))
            _ = try await cases.contents(of: room.smearCase.id, for: .inBrowser(room.administrator))
            #expect(try await notices(room).count(of: room.patient.id) == 1)
            _ = try await cases.contents(of: room.smearCase.id, for: .inBrowser(room.patient))
            #expect(try await notices(room).count(of: room.patient.id) == 0)
        }
    }

    @Test func `a malignant reading that nobody opened for a day is brought to doctor and administrator, once`()
        async throws
    {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            _ = try await room.sign(.proB)
            room.clock.advance(86_399)
            try await notices(room).escalate()
            #expect(try await kinds(room, room.administrator).isEmpty)
            room.clock.advance(1)
            for _ in 0..<3 { try await notices(room).escalate() }
            for user in [room.reader, room.administrator] {
                #expect(try await kinds(room, user) == [.readingUnopened])
            }
            let line = try #require(try await notices(room).lines(of: room.reader.id).first)
            #expect(line.aboutName == room.patient.name && line.caseTitle == nil)
            // The patient's own line stays until the case is opened.
            #expect(try await kinds(room, room.patient) == [.readingSigned])
            try await notices(room).dismiss(line.notice.id, by: room.reader.id)
            try await notices(room).escalate()
            #expect(try await kinds(room, room.reader).isEmpty)
            await #expect(throws: ClinicError.self) {
                try await notices(room).dismiss(line.notice.id, by: room.patient.id)
            }
        }
    }

    @Test func `what was opened, or was not malignant, or was taken back, is brought to nobody`() async throws {
        for way in 0..<3 {
            try await ReadingRoom.lend { room in
                try await room.share(0)
                _ = try await room.sign(way == 1 ? .benign : .proB)
                if way == 0 {
                    _ = try await Cases(database: room.database, clock: room.clock.now)
                        .screeningInCase(room.screenings[0].id, for: .inBrowser(room.patient))
                }
                if way == 2 { _ = try await room.sign(.benign, revision: 2) }
                room.clock.advance(90_000)
                try await notices(room).escalate()
                #expect(try await kinds(room, room.administrator).isEmpty, "\(way)")
            }
        }
    }

    @Test func `the end of a share is told to the other side, and the visit to the patient`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            try await room.sharing.withdraw([room.screenings[0].id], from: room.reader.id, by: room.patient.id)
            #expect(try await kinds(room, room.reader) == [.shareEnded])
            #expect(try await kinds(room, room.patient).isEmpty)
            #expect(try await notices(room).hasEndedShare(of: room.screenings[0].id, for: room.reader.id))
            #expect(try await !notices(room).hasEndedShare(of: room.screenings[0].id, for: room.otherReader.id))
            try await room.share(0)
            let booking = Booking(database: room.database, clock: room.clock.now)
            #expect(try await booking.visit(room.appointment.id, by: room.patient.id).endingShares == 1)
            _ = try await booking.cancel(room.appointment.id, by: room.reader.id, reason: "Ill")
            #expect(try await kinds(room, room.patient) == [.shareEnded])
            #expect(try await booking.visit(room.appointment.id, by: room.patient.id).endingShares == 0)
        }
    }

    @Test func `a letter is tried so many times and no more`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            _ = try await room.sign(.proB)
            for _ in 0..<Notices.letterAttempts {
                let due = try #require(try await notices(room).dueLetters().first)
                #expect(due.reader.email == room.patient.email)
                #expect(try await notices(room).claimLetter(due.notice.id))
                #expect(try await !notices(room).claimLetter(due.notice.id))
                try await notices(room).returnLetter(due.notice.id)
            }
            #expect(try await notices(room).dueLetters().isEmpty)
            let id = try #require(try await notices(room).lines(of: room.patient.id).first).notice.id
            #expect(try await room.database.read { try $0.notice(id)?.letter } == .failed)
        }
    }

    @Test func `a letter that a server was sending when it ended is due again, and one that was taken is not`()
        async throws
    {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            _ = try await room.sign(.proB)
            let letters = Notices(database: room.database, clock: room.clock.now)
            let id = try #require(try await letters.dueLetters().first).notice.id
            #expect(try await letters.claimLetter(id))
            #expect(try await room.database.read { try $0.notice(id)?.letter } == .sending)
            #expect(try await letters.dueLetters().isEmpty)
            try await letters.returnInterruptedLetters()
            #expect(try await letters.dueLetters().first?.notice.id == id)
            #expect(try await letters.claimLetter(id))
            try await letters.confirmLetter(id)
            // Neither a server that starts nor one that is late takes that back.
            try await letters.returnInterruptedLetters()
            try await letters.returnLetter(id)
            #expect(try await letters.dueLetters().isEmpty)
            #expect(try await room.database.read { try $0.notice(id)?.letter } == .sent)
        }
    }
}
