import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct CaseReadingTests {
    private func entry(
        _ room: ReadingRoom, _ label: ReaderLabel?, finding: String = "", findings: [SmearFinding] = [],
        comment: String = "", images: [ScreeningID: ReaderLabel] = [:], settles: Bool = false, revision: Int = 1,
        seen: [Int] = [0, 1],
        isBlind: Bool = false
    ) -> SecondReading.CaseEntry {
        .init(
            label: label, finding: finding, findings: findings, comment: comment, images: images, settles: settles,
            revision: revision, seen: Set(seen.map { room.screenings[$0].id }), isBlind: isBlind)
    }

    private func shareBoth(_ room: ReadingRoom) async throws {
        try await room.share(0)
        try await room.share(1)
    }

    private func conclusion(_ room: ReadingRoom) async throws -> CaseConclusion {
        let session = LoginSession(
            digest: "", userID: room.patient.id, createdAt: room.clock.now(), lastSeenAt: room.clock.now(),
            expiresAt: .distantFuture)
        return try await Cases(database: room.database, clock: room.clock.now).contents(
            of: room.smearCase.id, for: Principal(user: room.patient, means: .session(session)), .caseRead(.status)
        ).conclusion
    }

    @Test func `one signature covers every image, and a single image may have an answer of its own`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            let other = room.screenings[1].id
            let signed = try await room.reading.signCase(
                room.smearCase.id,
                entry(room, .smearClass(.proB), comment: "Large", images: [other: .unreadable]), by: room.reader)
            #expect(signed.images == [room.screenings[0].id: .smearClass(.proB), other: .unreadable])
            #expect(signed.differing == [other: .unreadable])
            let labels = try await room.database.read { transaction in
                try room.screenings.map { try transaction.readings(of: $0.id).map(\.label) }
            }
            #expect(labels == [[.smearClass(.proB)], [.unreadable]])
            let conclusion = try await conclusion(room)
            #expect(conclusion.kind == .urgent && conclusion.leading?.comment == "Large")
            #expect(conclusion.network.malignant.map(\.label) == [.preB])
        }
    }

    @Test(
        arguments: [
            (ReaderLabel.smearClass(.proB), CaseVerdict.Kind.urgent), (.otherMalignancy, .urgent),
            (.smearClass(.benign), .benign), (.normalBlood, .benign), (.reactive, .benign),
            (.otherFinding, .undecided),
        ] as [(ReaderLabel, CaseVerdict.Kind)])
    func `every answer leads over a malignant network and sets the urgency`(
        label: ReaderLabel, kind: CaseVerdict.Kind
    ) async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            #expect(try await conclusion(room).kind == .urgent)
            _ = try await room.reading.signCase(
                room.smearCase.id, entry(room, label, finding: "Malaria"), by: room.reader)
            let conclusion = try await conclusion(room)
            #expect(conclusion.leading?.label == label)
            #expect(conclusion.leading?.finding == (label == .otherFinding ? "Malaria" : ""))
            #expect(conclusion.kind == kind && conclusion.network.kind == .urgent)
        }
    }

    @Test func `another finding is signed by codes alone, for the images that have it`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            await #expect {
                _ = try await room.reading.signCase(room.smearCase.id, entry(room, .otherFinding), by: room.reader)
            } throws: {
                isClinicError($0, .invalid, field: "finding")
            }
            let other = room.screenings[1].id
            let signed = try await room.reading.signCase(
                room.smearCase.id,
                entry(
                    room, .otherFinding, findings: [.plateletClumps, .sickleCells, .plateletClumps],
                    images: [other: .unreadable]), by: room.reader)
            #expect(signed.findings == [.sickleCells, .plateletClumps] && signed.finding.isEmpty)
            #expect(try await conclusion(room).leading?.findings == signed.findings)
            let single = try await room.database.read { transaction in
                try room.screenings.map { try transaction.readings(of: $0.id).map(\.findings) }
            }
            #expect(single == [[[.sickleCells, .plateletClumps]], [[]]])
        }
    }

    @Test func `an answer that is no other finding has no findings, and a draft keeps them until there is an answer`()
        async throws
    {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            func draft(_ label: ReaderLabel) async throws -> CaseReading {
                try await room.reading.draftCase(
                    room.smearCase.id, entry(room, label, finding: "Ring forms", findings: [.malariaParasites]),
                    by: room.reader)
            }
            for (label, findings, words) in [
                (.undecided, [.malariaParasites], "Ring forms"), (.otherFinding, [.malariaParasites], "Ring forms"),
                (.normalBlood, [], ""),
            ] as [(ReaderLabel, [SmearFinding], String)] {
                let kept = try await draft(label)
                #expect(kept.findings == findings && kept.finding == words, "\(label)")
                #expect(try await room.database.read { try $0.caseReadings(of: room.smearCase.id) } == [kept])
            }
        }
    }

    @Test func `a case that cannot be read takes no malignant answer back`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            _ = try await room.reading.signCase(room.smearCase.id, entry(room, .unreadable), by: room.reader)
            let conclusion = try await conclusion(room)
            #expect(conclusion.leading == nil && conclusion.kind == .urgent && conclusion.readings.count == 1)
        }
    }

    @Test func `a malignant image that comes later is not led over, and the signature is marked`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            _ = try await room.reading.signCase(room.smearCase.id, entry(room, .normalBlood), by: room.reader)
            room.clock.advance(60)
            _ = try await ReadingRoom.screen(room.smearCase.id, .report, .benign, room.database, room.clock.now())
            let marked = try await conclusion(room)
            #expect(marked.kind == .benign && marked.leading != nil && marked.newImages == 1)
            _ = try await ReadingRoom.screen(room.smearCase.id, .report, .earlyPreB, room.database, room.clock.now())
            let overtaken = try await conclusion(room)
            #expect(overtaken.kind == .urgent && overtaken.leading == nil && overtaken.newImages == 2)
        }
    }

    @Test func `the most serious of two readers leads until one of them says that it is settled`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            for index in 0...1 { try await room.shareWithSecond(index) }
            let id = room.smearCase.id
            _ = try await room.reading.signCase(id, entry(room, .smearClass(.preB)), by: room.reader)
            // Who has not signed yet is shown no other reading, and cannot settle what they do not know.
            let before = try await room.reading.openCase(id, by: room.otherReader, isBlind: false)
            #expect(before.signedReadings.isEmpty)
            await #expect(throws: ClinicError(.invalid, "errors.readings.settles", field: "settles")) {
                _ = try await room.reading.signCase(
                    id, entry(room, .reactive, settles: true), by: room.otherReader)
            }
            room.clock.advance(60)
            _ = try await room.reading.signCase(id, entry(room, .reactive), by: room.otherReader)
            let disputed = try await conclusion(room)
            #expect(disputed.isDisputed && disputed.leading?.label == .smearClass(.preB) && disputed.kind == .urgent)
            let after = try await room.reading.openCase(id, by: room.otherReader, isBlind: false)
            #expect(after.signedReadings.count == 2)
            room.clock.advance(60)
            _ = try await room.reading.signCase(
                id, entry(room, .reactive, settles: true, revision: 2), by: room.otherReader)
            let settled = try await conclusion(room)
            #expect(!settled.isDisputed && settled.leading?.label == .reactive && settled.kind == .benign)
            #expect(settled.readings.map(\.readerID) == [room.otherReader.id])
            room.clock.advance(60)
            _ = try await room.reading.signCase(id, entry(room, .smearClass(.proB), revision: 2), by: room.reader)
            #expect(try await conclusion(room).leading?.label == .smearClass(.proB))
        }
    }

    @Test func `nobody settles a reading of images that they cannot see`() async throws {
        try await ReadingRoom.lend { room in
            try await shareBoth(room)
            try await room.shareWithSecond(0)
            let id = room.smearCase.id
            _ = try await room.reading.signCase(id, entry(room, .smearClass(.preB)), by: room.reader)
            for (revision, settles) in [(1, false), (2, true)] {
                room.clock.advance(60)
                _ = try await room.reading.signCase(
                    id, entry(room, .reactive, settles: settles, revision: revision, seen: [0]), by: room.otherReader)
            }
            let conclusion = try await conclusion(room)
            #expect(conclusion.leading?.label == .smearClass(.preB) && conclusion.isDisputed)
            let counting = try await room.database.read { transaction in
                try room.screenings.map { try transaction.readings(of: $0.id).counting.map(\.readerID) }
            }
            #expect(counting == [[room.otherReader.id], [room.reader.id]])
        }
    }

    @Test func `a form says what is missing, and images that changed meanwhile are not signed unseen`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share(0)
            let id = room.smearCase.id
            let wrong: [(SecondReading.CaseEntry, String)] = [
                (entry(room, .undecided, seen: [0]), "label"), (entry(room, nil, seen: [0]), "label"),
                (entry(room, .otherFinding, finding: " ", seen: [0]), "finding"),
                (entry(room, .reactive, comment: String(repeating: "x", count: 4001), seen: [0]), "comment"),
                (entry(room, .reactive, revision: 2, seen: [0]), "revision"),
                (entry(room, .reactive, seen: [0, 1]), "revision"), (entry(room, .reactive, seen: []), "revision"),
            ]
            for (entry, field) in wrong {
                let error = await #expect(throws: ClinicError.self) {
                    _ = try await room.reading.signCase(id, entry, by: room.reader)
                }
                #expect(error?.field == field)
            }
            let draft = try await room.reading.draftCase(
                id, entry(room, .undecided, comment: "So far", seen: [0]), by: room.reader)
            #expect(draft.signedAt == nil)
            let desk = try await room.reading.openCase(id, by: room.reader, isBlind: false)
            #expect(desk.draft?.comment == "So far" && desk.revision == 1)
            #expect(desk.images.count == 1 && desk.otherImages == 1)
            for user in [room.otherReader, room.patient, room.administrator] {
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    _ = try await room.reading.openCase(id, by: user, isBlind: false)
                }
            }
        }
    }

    @Test func `a reading is blind only where nothing told the network's answers to any image`() async throws {
        for isBlind in [true, false] {
            try await ReadingRoom.lend { room in
                try await shareBoth(room)
                _ = try await room.reading.openCase(room.smearCase.id, by: room.reader, isBlind: isBlind)
                let signed = try await room.reading.signCase(
                    room.smearCase.id, entry(room, .reactive, isBlind: true), by: room.reader)
                #expect(signed.isBlind == isBlind)
                let single = try await room.database.read { try $0.readings(ofCase: room.smearCase.id).map(\.isBlind) }
                #expect(single == [isBlind, isBlind])
            }
        }
    }

    @Test func `only the four classes become labels of a training set`() async throws {
        for (label, chosen) in [(ReaderLabel.smearClass(.preB), 1), (.normalBlood, 0), (.otherMalignancy, 0)] {
            try await ReadingRoom.lend { room in
                try await room.share(0, allowsTraining: true)
                _ = try await room.reading.signCase(room.smearCase.id, entry(room, label, seen: [0]), by: room.reader)
                let selection = try await room.database.write {
                    try TrainingSelection(by: .system, now: room.clock.now(), in: $0)
                }
                #expect(selection.labelled.count == chosen && selection.otherKinds == 1 - chosen)
                #expect(selection.unreadable == 0)
            }
        }
    }
}
