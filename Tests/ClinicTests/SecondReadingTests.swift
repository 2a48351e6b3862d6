import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct SecondReadingTests {
    @Test func `a draft is the reader's alone, a signed reading is the patient's too`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            let id = room.screenings[0].id
            let draft = try await room.reading.draft(
                id, .init(label: .undecided, comment: "Hm", revision: 1, isBlind: false), by: room.reader)
            #expect(draft.signedAt == nil)
            #expect(try await shown(room, to: room.patient).isEmpty)
            let signed = try await room.sign(.proB, comment: " Large \r\nblasts\u{7} ")
            #expect(signed.id == draft.id)
            #expect(signed.comment == "Large \nblasts")
            let seen = try await shown(room, to: room.patient)
            #expect(seen.map(\.readerName) == ["Dr Reader"])
            #expect(seen.first?.agreement == .differs)
            #expect(seen.first?.reading.networkLabel == .preB)
            #expect(seen.first?.reading.modelName == "tiny" && seen.first?.reading.modelVersion == "1.0")
            #expect(try await room.actions().suffix(2) == ["reading.draft", "reading.sign"])
        }
    }

    private func shown(_ room: ReadingRoom, to user: User) async throws -> [SignedReading] {
        try await room.database.read { transaction in
            try SignedReading.shown(
                of: transaction.readings(of: room.screenings[0].id), to: user, owner: room.patient.id, in: transaction)
        }
    }

    @Test func `a case at which a clinician looks, or which a search of a program finds, is in use`() async throws {
        try await ReadingRoom.lend { room in
            for index in 0...1 { try await room.share(index) }
            let (id, screening) = (room.smearCase.id, room.screenings[0].id)
            let cases = Cases(database: room.database, clock: room.clock.now)
            func isUnused() async throws -> Bool {
                let now = room.clock.now()
                return try await room.database.read { try $0.isUnused(.smearCase, id.text, since: now, now: now) }
            }
            func keepsInUse(_ look: () async throws -> Void) async throws -> Bool {
                room.clock.advance(2 * 86_400)
                let before = try await isUnused()
                try await look()
                let after = try await isUnused()
                return before && !after
            }
            let opened = try await keepsInUse {
                _ = try await room.reading.open(screening, by: room.reader, filter: .all, isBlind: false)
            }
            #expect(opened, "an image is opened for reading")
            let openedWhole = try await keepsInUse {
                _ = try await room.reading.openCase(id, by: room.reader, isBlind: false)
            }
            #expect(openedWhole, "the case is opened for reading")
            let found = try await keepsInUse {
                _ = try await cases.screening(screening, for: .inBrowser(room.reader), .screeningRead(.page))
            }
            #expect(found, "a clinician looks at the page of a screening")
            let searched = try await keepsInUse {
                let dossiers = try await Exchange(cases).dossiers(
                    matching: ExchangeQuery(), after: nil, limit: 9, for: .inBrowser(room.patient))
                #expect(dossiers.map(\.contents.smearCase.id) == [id])
            }
            #expect(searched, "a program searches")
        }
    }

    @Test func `a signed reading never changes, another revision follows and counts`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            let first = try await room.sign(.preB)
            await #expect { _ = try await room.sign(.benign) } throws: {
                isClinicError($0, .duplicate, field: "revision")
            }
            var forged = first
            forged.label = .smearClass(.benign)
            let changed = forged
            await #expect { try await room.database.write { try $0.update(changed) } } throws: {
                isClinicError($0, .notFound)
            }
            room.clock.advance(60)
            let second = try await room.sign(.benign, revision: 2)
            #expect(second.id != first.id)
            let seen = try await shown(room, to: room.patient)
            #expect(seen.map(\.reading.label) == [.smearClass(.benign)])
            let earlier = try #require(seen.first?.earlier.first)
            #expect(seen.first?.earlier.count == 1 && earlier.isSettled)
            #expect((earlier.id, earlier.label, earlier.comment) == (first.id, first.label, first.comment))
            #expect((earlier.revision, earlier.signedAt) == (first.revision, first.signedAt))
        }
    }

    @Test func `nobody signs without a class, with an unknown one or with too long a comment`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            for label in [ReaderLabel.undecided, nil] {
                await #expect { _ = try await room.sign(label: label) } throws: {
                    isClinicError($0, .invalid, field: "label")
                }
            }
            await #expect {
                _ = try await room.sign(.preB, comment: String(repeating: "é", count: 4001))
            } throws: { isClinicError($0, .invalid, field: "comment") }
            let signed = try await room.sign(label: .unreadable, comment: String(repeating: "é", count: 4000))
            #expect(signed.label == .unreadable && signed.comment.count == 4000)
            #expect(try await shown(room, to: room.patient).first?.agreement == .unreadable)
        }
    }

    @Test func `nobody reads what was never shared, was withdrawn or is gone`() async throws {
        try await ReadingRoom.lend { room in
            for user in [room.reader, room.patient, room.administrator] {
                await #expect { _ = try await room.sign(.preB, by: user) } throws: { isClinicError($0, .notFound) }
            }
            try await room.share()
            try await room.sharing.withdrawAll(from: room.reader.id, by: room.patient.id)
            await #expect { _ = try await room.sign(.preB) } throws: { isClinicError($0, .notFound) }
            await #expect {
                _ = try await room.reading.open(
                    room.screenings[0].id, by: room.reader, filter: .all, isBlind: false)
            } throws: { isClinicError($0, .notFound) }
            try await room.share()
            try await room.database.write { try $0.deleteImage(room.screenings[0].imageID) }
            await #expect { _ = try await room.sign(.preB) } throws: { isClinicError($0, .notFound) }
        }
    }

    @Test func `a reader sees none of another's readings, the owner and the administrator see all`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            try await room.shareWithSecond()
            _ = try await room.sign(.preB)
            _ = try await room.sign(.benign, by: room.otherReader)
            for (user, count) in [
                (room.patient, 2), (room.administrator, 2), (room.reader, 1), (room.otherReader, 1),
                (room.otherPatient, 0),
            ] {
                #expect(try await shown(room, to: user).count == count, "\(user.name)")
            }
        }
    }

    @Test func `a reading is blind only when the log holds no look at the answer`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            try await room.share(1)
            _ = try await room.reading.workList(of: room.reader, filter: .waiting, isBlind: true)
            _ = try await room.reading.open(room.screenings[0].id, by: room.reader, filter: .all, isBlind: true)
            #expect(try await room.sign(.preB, isBlind: true).isBlind)
            _ = try await room.reading.open(room.screenings[1].id, by: room.reader, filter: .all, isBlind: false)
            #expect(try await !room.sign(.preB, 1, isBlind: true).isBlind)
        }
    }

    @Test func `a look whose entry was cut off the log is not taken for none`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            _ = try await room.reading.open(room.screenings[0].id, by: room.reader, filter: .all, isBlind: false)
            room.clock.advance(60)
            let now = room.clock.now()
            // The last entry always stays.
            try await room.database.write {
                try $0.append(AuditEntry(.user(.login), by: .user(room.patient.id), at: now))
            }
            let cut = try await room.database.write { try $0.cutAudit(before: now, limit: 100) }
            #expect(cut > 1)
            #expect(try await !room.sign(.preB, isBlind: true).isBlind)
            // Of an answer that came after the cut the log tells all.
            let later = try await ReadingRoom.screen(room.smearCase.id, .report, .preB, room.database, now)
            try await room.sharing.share(
                [later.id], with: room.doctor.id, allowsTraining: false, by: room.patient.id)
            let reading = try await room.reading.sign(
                later.id, .init(label: .smearClass(.preB), comment: "", revision: 1, isBlind: true), by: room.reader)
            #expect(reading.isBlind)
        }
    }

    @Test(arguments: [
        "screening.read:", "screening.read:pdf", "screening.picture:name=overlay.png",
        "screening.picture:name=heat.png", "list",
    ])
    func `an answer seen elsewhere is seen`(look: String) async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            if look == "list" {
                _ = try await room.reading.workList(of: room.reader, filter: .all, isBlind: false)
            } else {
                let parts = look.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                let entry = AuditEntry(
                    storedAs: parts[0], by: .user(room.reader.id), object: room.screenings[0].id.text, detail: parts[1],
                    at: room.clock.now())
                try await room.database.write { try $0.append(entry) }
            }
            #expect(try await !room.sign(.preB, isBlind: true).isBlind)
        }
    }

    @Test func `the work list puts malignant and uncertain before benign, then who waits longest`() async throws {
        let outcomes: [(Decision, SmearClass)] = [
            (.report, .benign), (.rejected, .preB), (.uncertain, .benign), (.report, .proB),
            (.report, .preB),
        ]
        try await ReadingRoom.lend(outcomes: outcomes) { room in
            for index in outcomes.indices {
                try await room.share(index)
                room.clock.advance(60)
            }
            func order(_ filter: ReadingWorkList.Filter, isBlind: Bool = false) async throws -> [Int] {
                let list = try await room.reading.workList(of: room.reader, filter: filter, isBlind: isBlind)
                return list.lines.compactMap { line in
                    room.screenings.firstIndex { $0.id == line.screeningID }
                }
            }
            #expect(try await order(.waiting) == [3, 4, 2, 0, 1])
            #expect(try await order(.waiting, isBlind: true) == [0, 1, 2, 3, 4])
            _ = try await room.sign(.proB, 3)
            #expect(try await order(.waiting) == [4, 2, 0, 1])
            #expect(try await order(.signed) == [3])
            #expect(try await order(.all) == [4, 2, 0, 1, 3])
            let list = try await room.reading.workList(of: room.reader, filter: .waiting, isBlind: false)
            #expect(list.waiting == 4 && list.total == 5)
            let place = list.neighbours(of: room.screenings[2].id)
            #expect(place.place == 1)
            #expect(place.before == room.screenings[4].id && place.after == room.screenings[0].id)
            #expect(list.neighbours(of: room.screenings[3].id).after == room.screenings[4].id)
            #expect(
                try await room.reading.workList(of: room.administrator, filter: .all, isBlind: false).lines.isEmpty)
        }
    }
}
