import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

extension NetworkCell {
    static func sample(_ number: Int, _ type: CellType = .lymphocyte, x: Double = 0) -> NetworkCell {
        NetworkCell(
            number: number, box: CellBox(x: x + 0.1, y: 1.25, width: 12.5, height: 1 / 3), type: type,
            typeProbability: 0.7, blastEvidence: 1e-9, nucleusArea: 1.75, confidence: 0.999,
            embedding: CellEmbedding([0.5, -1, Double(number) / 1000]))
    }
}

@Suite struct CellRowsTests {
    private func change(
        _ screening: ScreeningID, _ number: Int?, _ from: CellType, _ to: CellType, act: CellActID, by user: UserID,
        undoes: CellActID? = nil
    ) -> CellChange {
        CellChange(
            act: act, screeningID: screening, number: number, box: NetworkCell.sample(1).box, userID: user,
            at: moment(9), networkType: .lymphocyte, from: from, to: to, undoes: undoes)
    }

    @Test(arguments: TestedDatabase.allCases)
    func `cells, changes and confirmations round-trip, and go with their screening`(_ kind: TestedDatabase) async throws
    {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let screenings = try await database.write { transaction in
                try [10.0, 20].compactMap { try transaction.addScreening(of: practice.patient.id, at: $0) }
            }
            let (first, second, reader) = (screenings[0].id, screenings[1].id, practice.clinician.id)
            let cells = (1...450).map { SmearCell(screeningID: first, network: .sample($0)) }
            let other = SmearCell(screeningID: second, network: .sample(1, .blast), readerType: .unsure)
            let (act, undo) = (CellActID(), CellActID())
            let made = change(first, 7, .lymphocyte, .blast, act: act, by: reader)
            let back = change(first, 7, .blast, .lymphocyte, act: undo, by: reader, undoes: act)
            let lost = change(first, nil, .unsure, .smudge, act: undo, by: reader)
            try await database.write { transaction in
                try transaction.replaceCells(of: first, with: cells)
                try transaction.replaceCells(of: second, with: [other])
                #expect(try transaction.cells(of: [second, first], isHeld: true) == [other] + cells)
                #expect(try transaction.cells(of: [], isHeld: false).isEmpty)
                try transaction.confirm(CellConfirmation(screeningID: first, userID: reader, at: moment(8)))
                try transaction.confirm(CellConfirmation(screeningID: second, userID: reader, at: moment(8)))
                try transaction.confirm(
                    CellConfirmation(screeningID: second, userID: practice.patient.id, at: moment(9)))
                try transaction.insert([made])
                #expect(try transaction.cells(of: [first], isHeld: false)[6].readerType == .blast)
                // A change ends the confirmation of its image alone.
                #expect(
                    try transaction.cellConfirmations(of: [first, second])
                        == [CellConfirmation(screeningID: second, userID: practice.patient.id, at: moment(9))])
                try transaction.insert([back, lost])
                #expect(try transaction.cells(of: [first], isHeld: false)[6].readerType == nil)
                #expect(try transaction.cellChanges(of: [second, first]) == [made, back, lost])
                try transaction.renumberChanges(of: first, to: [nil, 3, 4])
                #expect(try transaction.cellChanges(of: [first]).map(\.number) == [nil, 3, 4])
                #expect(
                    try transaction.cellAgreement() == [
                        CellAgreementCount(
                            modelName: "small", modelVersion: "1.0", network: .blast, reader: .unsure, count: 1)
                    ])
            }
            // A reader who is gone leaves what they said.
            try await database.write { try $0.deleteUser(reader) }
            #expect(try await database.read { try $0.cellChanges(of: [first]).count } == 3)
            try await database.write { transaction in
                try transaction.deleteImage(screenings[0].imageID)
                try transaction.deleteCase(screenings[1].caseID)
            }
            let left = try await database.reading { connection in
                try ["smear_cells", "cell_changes", "cell_confirmations"].flatMap {
                    try connection.rows("SELECT COUNT(*) FROM \($0)", [])
                }
            }
            #expect(left == Array(repeating: [.integer(0)], count: 3))
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `two readers at once lose no change`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let practice = try await database.write { try Practice(in: $0) }
            let screening = try #require(
                try await database.write { try $0.addScreening(of: practice.patient.id, at: 10) })
            let (id, user) = (screening.id, practice.clinician)
            try await database.write { transaction in
                try transaction.share(id, with: user.id, allowsTraining: false, at: moment(11))
                try CellCarrying.replace(of: id, with: (1...8).map { .sample($0) }, in: transaction)
            }
            let review = CellReview(database: database)
            let reader = Principal(
                user: user,
                means: .token(
                    APIToken(
                        digest: "x", userID: user.id, label: "x", scopes: [.write], createdAt: moment(1),
                        expiresAt: .distantFuture)))
            _ = try await racing(8) { index in
                try await review.move(
                    [CellKey(id, index + 1), CellKey(id, (index + 1) % 8 + 1)], to: index % 2 == 0 ? .blast : .monocyte,
                    in: .image(id), by: reader)
            }
            let (cells, changes) = try await database.read {
                (try $0.cells(of: [id], isHeld: false), try $0.cellChanges(of: [id]))
            }
            // Each change begins where the one before ended.
            for cell in cells {
                let own = changes.filter { $0.number == cell.network.number }
                #expect(own.first?.from == .lymphocyte && own.last?.to == cell.type)
                for (before, after) in zip(own, own.dropFirst()) { #expect(before.to == after.from) }
            }
        }
    }
}
