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

    @Test func `cells are chosen once a reader confirms them, with a scale, and while the patient allows it`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let now = room.clock.now()
            let cells = [CellType.blast, .unsure, .monocyte].enumerated().map { index, type in
                NetworkCell(
                    number: index + 1, box: CellBox(x: 10, y: 10, width: 10, height: 10), type: type,
                    typeProbability: 0.9, blastEvidence: 0.5, nucleusArea: 1.5, confidence: 0.8,
                    embedding: CellEmbedding([1]))
            }
            let scale = CellFindings(
                scale: .init(redCellPixels: 18, micrometresPerPixel: 0.4, source: .measured), found: 3,
                differential: Differential(cells.map(\.type)), blastEvidence: .init(value: 0.5, low95: 0, high95: 1),
                counts: .init(cells: 3, blastLike: 1, highest: 1, area: 2))
            let screening = try await ReadingRoom.screen(
                room.smearCase.id, .report, .preB, room.database, now, cells: scale)
            let others = room.screenings[0].id
            try await room.database.write { [reader = room.reader.id] transaction in
                for id in [screening.id, others] {
                    try CellCarrying.replace(of: id, with: cells, in: transaction)
                    try transaction.confirm(CellConfirmation(screeningID: id, userID: reader, at: now))
                }
            }
            func share(_ allowsTraining: Bool) async throws {
                try await room.sharing.share(
                    [screening.id, others], with: room.doctor.id, allowsTraining: allowsTraining, by: room.patient.id)
            }
            try await share(false)
            #expect(try await select(room).cells.isEmpty)
            try await share(true)
            let chosen = try await select(room).cells
            // The other image has no scale, so its cells cannot be brought to one size.
            #expect(chosen.map(\.screeningID) == [screening.id])
            #expect(chosen.first?.cells.map(\.type) == [.blast, .monocyte])
            #expect(chosen.first?.redCellPixels == 18)
            #expect(chosen.first?.patientID == room.patient.id)
            try await room.sharing.withdrawAll(from: room.reader.id, by: room.patient.id)
            #expect(try await select(room).cells.isEmpty)
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
