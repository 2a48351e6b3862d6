import Clinic
import Findings
import Foundation
import Store
import Testing

/// A room whose two screenings have cells: ten of the first image, three of the second.
private struct CellRoom {
    let room: ReadingRoom

    static let first: [CellType] = [
        .blast, .blast, .lymphocyte, .lymphocyte, .lymphocyte, .neutrophil, .neutrophil, .unsure, .platelet,
        .erythroblast,
    ]
    static let second: [CellType] = [.lymphocyte, .smudge, .monocyte]

    static func lend(_ test: (CellRoom) async throws -> Void) async throws {
        try await ReadingRoom.lend { room in
            let ids = room.screenings.map(\.id)
            try await room.database.write { transaction in
                try CellCarrying.replace(of: ids[0], with: cells(first), in: transaction)
                try CellCarrying.replace(of: ids[1], with: cells(second), in: transaction)
            }
            try await room.share(0)
            try await room.share(1)
            try await test(CellRoom(room: room))
        }
    }

    /// Boxes of 10 pixels, 20 apart.
    static func cells(_ types: [CellType], shift: Double = 0) -> [NetworkCell] {
        types.enumerated().map { index, type in
            NetworkCell(
                number: index + 1, box: CellBox(x: Double(index) * 20 + shift, y: shift, width: 10, height: 10),
                type: type, typeProbability: 0.9 - Double(index) / 100, blastEvidence: type == .blast ? 0.9 : 0.1,
                nucleusArea: 1.5, confidence: 0.8, embedding: CellEmbedding([1, Double(index) / 10]))
        }
    }

    var review: CellReview { CellReview(database: room.database, clock: room.clock.now) }
    var whole: CellGallery.Scope { .smearCase(room.smearCase.id, chosen: []) }
    func key(_ image: Int, _ number: Int) -> CellKey { CellKey(room.screenings[image].id, number) }

    func principal(_ user: User) -> Principal {
        Principal(
            user: user,
            means: .token(
                APIToken(
                    digest: "x", userID: user.id, label: "x", scopes: [.read, .write], createdAt: room.clock.now(),
                    expiresAt: .distantFuture)))
    }

    var reader: Principal { principal(room.reader) }

    func types(_ image: Int) async throws -> [CellType] {
        try await room.database.read { [id = room.screenings[image].id] in
            try $0.cells(of: [id], isHeld: false).map(\.type)
        }
    }
}

@Suite struct CellReviewTests {
    @Test func `a reader's type stands beside the network's, and taking it back is another event`() async throws {
        try await CellRoom.lend { cells in
            let keys = [cells.key(0, 3), cells.key(0, 4), cells.key(1, 1)]
            let (after, act) = try await cells.review.move(keys, to: .blast, in: cells.whole, by: cells.reader)
            #expect(after.count.now.counts[.blast] == 5 && after.count.network.counts[.blast] == 2)
            #expect(after.count.changed == 3)
            for cell in after.cells where keys.contains(cell.key) {
                #expect(cell.type == .blast && cell.network.type == .lymphocyte)
            }
            #expect(after.changes.count == 3)
            for change in after.changes {
                #expect(change.act == act && change.userID == cells.room.reader.id)
                #expect(change.from == .lymphocyte && change.to == .blast && change.networkType == .lymphocyte)
                #expect(change.at == cells.room.clock.now())
            }
            cells.room.clock.advance(5)
            let back = try await cells.review.undo(in: cells.whole, by: cells.reader)
            #expect(back.count.now == back.count.network && back.count.changed == 0)
            #expect(back.changes.count == 6 && back.changes.filter { $0.undoes == act }.count == 3)
            #expect(back.undoable == nil)
            await #expect { _ = try await cells.review.undo(in: cells.whole, by: cells.reader) } throws: {
                isClinicError($0, .invalid)
            }
            // One entry an image and act.
            #expect(
                try await cells.room.actions().filter { $0.hasPrefix("cell.") } == [
                    "cell.correct", "cell.correct", "cell.undo", "cell.undo",
                ])
        }
    }

    @Test func `acts are taken back one after the other, and only one's own`() async throws {
        try await CellRoom.lend { cells in
            try await cells.room.shareWithSecond(0)
            try await cells.room.shareWithSecond(1)
            let second = cells.principal(cells.room.otherReader)
            for (type, reader) in [(CellType.monocyte, cells.reader), (.basophil, cells.reader), (.smudge, second)] {
                _ = try await cells.review.move([cells.key(0, 6)], to: type, in: cells.whole, by: reader)
                cells.room.clock.advance(1)
            }
            // The cell is another reader's now, so the first has nothing to take back until that one does.
            await #expect { _ = try await cells.review.undo(in: cells.whole, by: cells.reader) } throws: {
                isClinicError($0, .invalid)
            }
            _ = try await cells.review.undo(in: cells.whole, by: second)
            #expect(try await cells.types(0)[5] == .basophil)
            _ = try await cells.review.undo(in: cells.whole, by: cells.reader)
            #expect(try await cells.types(0)[5] == .monocyte)
            _ = try await cells.review.undo(in: cells.whole, by: cells.reader)
            #expect(try await cells.types(0) == CellRoom.first)
        }
    }

    @Test func `owner and administrator look, the clinician with whom all is shared changes, nobody else knows of it`()
        async throws
    {
        try await CellRoom.lend { cells in
            let room = cells.room
            for user in [room.patient, room.administrator, room.reader] {
                let gallery = try await cells.review.gallery(of: cells.whole, for: cells.principal(user))
                #expect(gallery.cells.count == 13)
                #expect(gallery.canCorrect == (user.id == room.reader.id))
                #expect((gallery.smearCase == nil) == (user.id == room.reader.id))
            }
            for user in [room.otherPatient, room.otherReader] {
                await #expect {
                    _ = try await cells.review.gallery(of: cells.whole, for: cells.principal(user))
                } throws: { isClinicError($0, .notFound) }
            }
            for user in [room.patient, room.administrator, room.otherPatient, room.otherReader] {
                let principal = cells.principal(user)
                await #expect {
                    _ = try await cells.review.move([cells.key(0, 1)], to: .unsure, in: cells.whole, by: principal)
                } throws: { isClinicError($0, .notFound) }
                await #expect { _ = try await cells.review.confirm(cells.whole, digest: "", by: principal) } throws: {
                    isClinicError($0, .notFound)
                }
                await #expect { _ = try await cells.review.undo(in: cells.whole, by: principal) } throws: {
                    isClinicError($0, .notFound)
                }
            }
            // Of a case, a clinician sees what is shared with them, and no more.
            try await room.shareWithSecond(1)
            let some = try await cells.review.gallery(of: cells.whole, for: cells.principal(room.otherReader))
            #expect(some.cells.count == 3 && some.available.count == 1)
            let other = CellGallery.Scope.smearCase(room.smearCase.id, chosen: [room.screenings[0].id])
            await #expect {
                _ = try await cells.review.gallery(of: other, for: cells.principal(room.otherReader))
            } throws: { isClinicError($0, .notFound) }
            #expect(try await cells.types(0) == CellRoom.first)
        }
    }

    @Test
    func `refuses no cell, too many, one that is not there, and does nothing for one that is of the type already`()
        async throws
    {
        try await CellRoom.lend { cells in
            let review = cells.review
            let many = (1...CellReview.maximumAtOnce + 1).map { cells.key(0, $0) }
            for keys in [[], many] {
                await #expect {
                    _ = try await review.move(keys, to: .blast, in: cells.whole, by: cells.reader)
                } throws: {
                    isClinicError($0, .invalid, field: "cell")
                }
            }
            let one = CellGallery.Scope.image(cells.room.screenings[0].id)
            for key in [cells.key(0, 11), cells.key(1, 1)] {
                await #expect { _ = try await review.move([key], to: .blast, in: one, by: cells.reader) } throws: {
                    isClinicError($0, .notFound)
                }
            }
            let (after, act) = try await review.move([cells.key(0, 1)], to: .blast, in: one, by: cells.reader)
            #expect(act == nil && after.changes.isEmpty)
        }
    }

    @Test func `a count is of white cells, with its interval, and says how many are missing`() async throws {
        try await CellRoom.lend { cells in
            let count = try await cells.review.gallery(of: cells.whole, for: cells.reader).count
            // Platelet, erythroblast and smudge are out.
            #expect(count.counted == 10 && count.missing == 190)
            #expect(count.blasts.count == 2 && count.blasts.share == 0.2)
            let interval = count.blasts.interval
            #expect(abs(interval.lowerBound - 0.0567) < 1e-3 && abs(interval.upperBound - 0.5098) < 1e-3)
            #expect(count.lines.map(\.type) == [.blast, .neutrophil, .monocyte, .lymphocyte, .unsure])
            #expect(abs(count.lines.reduce(0) { $0 + $1.now.share } - 1) < 1e-12)
            let one = CellGallery.Scope.smearCase(cells.room.smearCase.id, chosen: [cells.room.screenings[1].id])
            #expect(try await cells.review.gallery(of: one, for: cells.reader).count.counted == 2)
        }
        let none = DifferentialCount([])
        #expect(none.lines.map(\.type) == [.blast] && none.blasts.interval == 0...1)
    }

    @Test func `a count is preliminary until a reader confirms what they saw, and again after a change or a new image`()
        async throws
    {
        try await CellRoom.lend { cells in
            let (review, reader) = (cells.review, cells.reader)
            let seen = try await review.gallery(of: cells.whole, for: reader)
            #expect(seen.isPreliminary)
            _ = try await review.move([cells.key(0, 8)], to: .monocyte, in: cells.whole, by: reader)
            await #expect { _ = try await review.confirm(cells.whole, digest: seen.digest, by: reader) } throws: {
                isClinicError($0, .duplicate, field: "digest")
            }
            let again = try await review.gallery(of: cells.whole, for: reader)
            let confirmed = try await review.confirm(cells.whole, digest: again.digest, by: reader)
            #expect(!confirmed.isPreliminary && confirmed.confirmations.count == 2)
            #expect(confirmed.names[cells.room.reader.id] == "Dr Reader")
            let agreement = try await review.agreement(by: .user(cells.room.administrator.id))
            #expect(agreement.reduce(0) { $0 + $1.count } == 13)
            #expect(
                agreement.filter { $0.network != $0.reader } == [
                    CellAgreementCount(
                        modelName: "tiny", modelVersion: "1.0", network: .unsure, reader: .monocyte, count: 1)
                ])
            // A change of one image leaves the other one confirmed.
            _ = try await review.move([cells.key(1, 2)], to: .lymphocyte, in: cells.whole, by: reader)
            let changed = try await review.gallery(of: cells.whole, for: reader)
            #expect(changed.isPreliminary && changed.entries.compactMap(\.confirmation).count == 1)
            _ = try await review.confirm(cells.whole, digest: changed.digest, by: reader)
            let late = try await ReadingRoom.screen(
                cells.room.smearCase.id, .report, .benign, cells.room.database, cells.room.clock.now())
            try await cells.room.database.write {
                try CellCarrying.replace(of: late.id, with: CellRoom.cells([.blast]), in: $0)
            }
            let owner = cells.principal(cells.room.patient)
            #expect(try await review.gallery(of: cells.whole, for: owner).isPreliminary)
            let before = CellGallery.Scope.smearCase(
                cells.room.smearCase.id, chosen: Set(cells.room.screenings.map(\.id)))
            #expect(try await !review.gallery(of: before, for: owner).isPreliminary)
        }
    }

    @Test
    func `another screening takes a reader's types along to the cells that lie there, and keeps the rest on record`()
        async throws
    {
        try await CellRoom.lend { cells in
            let id = cells.room.screenings[0].id
            _ = try await cells.review.move(
                [cells.key(0, 1), cells.key(0, 5)], to: .smudge, in: cells.whole, by: cells.reader)
            let seen = try await cells.review.gallery(of: .image(id), for: cells.reader)
            _ = try await cells.review.confirm(.image(id), digest: seen.digest, by: cells.reader)
            // The same cells a pixel aside, without the fifth and in another order.
            var found = CellRoom.cells(CellRoom.first, shift: 1)
            found.remove(at: 4)
            found = found.reversed().enumerated().map { index, cell in
                NetworkCell(
                    number: index + 1, box: cell.box, type: .lymphocyte, typeProbability: 0.6,
                    blastEvidence: 0.2, nucleusArea: 1, confidence: 0.7, embedding: cell.embedding)
            }
            let other = found
            try await cells.room.database.write { try CellCarrying.replace(of: id, with: other, in: $0) }
            let after = try await cells.review.gallery(of: .image(id), for: cells.reader)
            #expect(after.cells.count == 9 && after.isPreliminary)
            #expect(after.cells.filter { $0.readerType == .smudge }.map(\.network.number) == [9])
            #expect(after.changes.map(\.number) == [9, nil] && after.changes.map(\.to) == [.smudge, .smudge])
            #expect(after.changes.map(\.networkType) == [.blast, .lymphocyte])
            // Found again later, the lost one has its type again.
            try await cells.room.database.write {
                try CellCarrying.replace(of: id, with: CellRoom.cells(CellRoom.first), in: $0)
            }
            let last = try await cells.review.gallery(of: .image(id), for: cells.reader)
            #expect(last.cells.filter { $0.readerType == .smudge }.map(\.network.number) == [1, 5])
            #expect(last.changes.map(\.number) == [1, 5])
        }
    }

    @Test func `types are hidden from a reader who asked for it, until they signed`() async throws {
        try await CellRoom.lend { cells in
            let image = CellGallery.Scope.image(cells.room.screenings[0].id)
            #expect(try await cells.review.gallery(of: image, for: cells.reader, isBlind: true).isHidden)
            #expect(try await !cells.review.gallery(of: image, for: cells.reader).isHidden)
            let details = try await cells.room.database.read {
                try $0.auditRecords(after: 0, limit: 100).map(\.entry).filter { $0.action.name == "cell.read" }
            }
            #expect(details.map(\.action.reveals) == [false, true])
            _ = try await cells.room.sign(.preB)
            #expect(try await !cells.review.gallery(of: image, for: cells.reader, isBlind: true).isHidden)
            // The second image is not signed, so the case as a whole is not shown.
            #expect(try await cells.review.gallery(of: cells.whole, for: cells.reader, isBlind: true).isHidden)
        }
    }
}
