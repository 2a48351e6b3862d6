import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct TrainingSelectionTests {
    private func select(_ room: ReadingRoom) async throws -> TrainingSelection {
        let now = room.clock.now()
        return try await room.database.write { try TrainingSelection(by: .system, now: now, in: $0) }
    }

    @Test func `a signed reading with consent is chosen with its newest class`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share(allowsTraining: true)
            #expect(try await select(room).labelled.isEmpty)
            _ = try await room.sign(.preB)
            _ = try await room.sign(.proB, revision: 2)
            _ = try await room.reading.draft(
                room.screenings[0].id, .init(label: .smearClass(.benign), comment: "", revision: 3, isBlind: false),
                by: room.reader)
            let selection = try await select(room)
            #expect(selection.labelled.map(\.label) == [.proB])
            #expect(selection.labelled.map(\.patientID) == [room.patient.id])
            #expect(try await room.actions().suffix(2) == ["reading.export", "reading.export"])
        }
    }

    @Test func `without consent, and after the share is withdrawn, nothing is chosen`() async throws {
        try await ReadingRoom.lend { room in
            try await room.share()
            _ = try await room.sign(.preB)
            var selection = try await select(room)
            #expect(selection.labelled.isEmpty && selection.withoutConsent == 1)
            try await room.share(allowsTraining: true)
            #expect(try await select(room).labelled.count == 1)
            try await room.sharing.withdrawAll(from: room.reader.id, by: room.patient.id)
            selection = try await select(room)
            #expect(selection.labelled.isEmpty && selection.withoutConsent == 1)
        }
    }

    @Test func `unreadable images are counted and contradictions listed`() async throws {
        try await ReadingRoom.lend { room in
            for index in 0..<2 {
                try await room.share(index, allowsTraining: true)
                try await room.shareWithSecond(index)
            }
            _ = try await room.sign(label: .unreadable)
            _ = try await room.sign(.preB, 1)
            #expect(try await select(room).unreadable == 1)
            #expect(try await select(room).labelled.count == 1)
            _ = try await room.sign(.benign, 1, by: room.otherReader)
            var selection = try await select(room)
            #expect(selection.labelled.isEmpty)
            #expect(selection.disputed.map(\.labels) == [[.smearClass(.benign), .smearClass(.preB)]])
            // Once they agree, it is a label; and a voice against does not fall silent because its share ended.
            try await room.sharing.withdrawAll(from: room.otherReader.id, by: room.patient.id)
            #expect(try await select(room).disputed.count == 1)
            _ = try await room.sign(.benign, 1, revision: 2)
            selection = try await select(room)
            #expect(selection.labelled.map(\.label) == [.benign])
            #expect(selection.labelled.first?.readers == 2)
        }
    }
}
