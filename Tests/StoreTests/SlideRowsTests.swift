import Clinic
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct SlideRowsTests {
    private static let digest = String(repeating: "0", count: 64)

    private static func slide(
        of smearCase: SmearCase, bytes: Int = 30, state: CaseSlide.State = .receiving, at: Double = 1
    ) -> CaseSlide {
        CaseSlide(
            caseID: smearCase.id, ownerID: smearCase.ownerID, name: "Smear, 40×.svs", source: .upload,
            byteCount: bytes, fingerprint: digest, state: state, wanted: 20, createdAt: moment(at),
            updatedAt: moment(at))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `parts are taken in their order, once, and never beyond the file`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample("a@x.org"), User.sample("b@x.org"))
            let smearCase = SmearCase.sample(of: user.id)
            let slide = Self.slide(of: smearCase)
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(other)
                try transaction.insert(smearCase)
                try transaction.insert(slide)
            }
            let part = { @Sendable (start: Int, count: Int) in
                SlidePart(start: start, byteCount: count, sha256: Self.digest)
            }
            let taken = try await racing(4) { _ in
                try await database.write { try $0.add(part(0, 20), to: slide.id, at: moment(2)) }
            }
            #expect(taken.count { $0 } == 1)
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.slide(slide.id)?.received == 20)
                #expect(try !transaction.add(part(10, 10), to: slide.id, at: moment(3)), "not the next one")
                #expect(try !transaction.add(part(20, 11), to: slide.id, at: moment(3)), "beyond the file")
                #expect(try transaction.add(part(20, 10), to: slide.id, at: moment(3)))
                #expect(try transaction.parts(of: slide.id) == [part(0, 20), part(20, 10)])
                #expect(try transaction.slideUsage(of: user.id) == (30, 30, 1))
                #expect(try transaction.slideUsage(of: other.id) == (0, 30, 0))
                #expect(try transaction.unfinishedSlides(before: moment(3), limit: 9).isEmpty)
                #expect(try transaction.unfinishedSlides(before: moment(4), limit: 9).map(\.id) == [slide.id])
                var whole = try #require(try transaction.slide(slide.id))
                whole.state = .waiting
                try transaction.update(whole)
                #expect(try !transaction.add(part(30, 1), to: slide.id, at: moment(5)))
                #expect(try transaction.slide(slide.id) == whole)
            }
            try await database.write { try $0.deleteUser(user.id) }
            #expect(try await database.read { try $0.slide(slide.id) } == nil)
            #expect(try await database.read { try $0.parts(of: slide.id) } == [])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `of slides that are begun at once no more are taken than one person may have unfinished`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let user = User.sample("a@x.org")
            let (smearCase, consent) = (SmearCase.sample(of: user.id), Consent.sample(of: user.id))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.append(consent)
                try transaction.insert(smearCase)
            }
            let slides = CaseSlides(
                database: database, quota: SlideQuota(unfinished: 2), notice: ConsentNotice(since: consent.notice))
            let owner = Principal(
                user: user,
                means: .token(
                    APIToken(
                        digest: "x", userID: user.id, label: "x", scopes: [.write], createdAt: moment(1),
                        expiresAt: .distantFuture)))
            let refusals = try await racing(8) { index -> ClinicError.Code? in
                do {
                    _ = try await slides.begin(
                        in: smearCase.id, name: "\(index).svs", bytes: 30,
                        fingerprint: String(repeating: "\(index)", count: 64), by: owner)
                    return nil
                } catch let error as ClinicError {
                    return error.code
                }
            }
            #expect(refusals.filter { $0 == nil }.count == 2)
            #expect(refusals.filter { $0 == .quotaExceeded }.count == 6)
            #expect(try await database.read { try $0.slides(of: smearCase.id) }.count == 2)
            // What was refused is not in the log either.
            let log = try await database.read { try $0.auditRecords(after: 0, limit: 99) }
            #expect(log.map(\.entry.action.name) == ["slide.add", "slide.add"])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a slide belongs to one worker until its lease ends or it is put back`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample("a@x.org")
            let smearCase = SmearCase.sample(of: user.id)
            let slides = [1.0, 2].map { Self.slide(of: smearCase, state: .waiting, at: $0) }
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(smearCase)
                for slide in slides { try transaction.insert(slide) }
            }
            let claim = { @Sendable (worker: String, now: Double) in
                try await database.write {
                    try $0.claimSlide(worker: worker, now: moment(now), leaseUntil: moment(now + 60))
                }
            }
            var claimed: [CaseSlide?] = []
            for number in 0..<3 { claimed.append(try await claim("worker-\(number)", 10)) }
            #expect(Set(claimed.compactMap { $0?.id }) == Set(slides.map(\.id)) && claimed.last == .some(nil))
            #expect(claimed.compactMap { $0 }.allSatisfy { $0.state == .reading && $0.attempts == 1 })
            let worker = try #require(claimed.compactMap { $0 }.first { $0.id == slides[0].id }?.workerID)
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try !transaction.renewSlide(slides[0].id, worker: "another", until: moment(500)))
                #expect(try transaction.renewSlide(slides[0].id, worker: worker, until: moment(500)))
            }
            // The other one's lease has ended.
            let again = try #require(try await claim("later", 100))
            #expect(again.id == slides[1].id && again.attempts == 2)
            try await database.write { try $0.releaseSlides(worker: "later") }
            let released = try #require(try await database.read { try $0.slide(slides[1].id) })
            #expect(released.state == .waiting && released.attempts == 1 && released.workerID == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `one person's many slides hold up nobody else's one`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let users = ["a", "b", "c"].map { User.sample("\($0)@x.org") }
            let cases = users.map { SmearCase.sample(of: $0.id) }
            // Three of the first person, and then one of each other.
            let slides = [(0, 1.0), (0, 2), (0, 3), (1, 4), (2, 5)].map { person, at in
                Self.slide(of: cases[person], state: .waiting, at: at)
            }
            try await database.write { transaction in
                for user in users { try transaction.insert(user) }
                for smearCase in cases { try transaction.insert(smearCase) }
                for slide in slides { try transaction.insert(slide) }
            }
            var order: [Int] = []
            for number in slides.indices {
                let now = Double(10 + number)
                let claimed = try await database.write {
                    try $0.claimSlide(worker: "one", now: moment(now), leaseUntil: moment(now + 60))
                }
                var read = try #require(claimed)
                order.append(try #require(slides.firstIndex { $0.id == read.id }))
                (read.state, read.workerID, read.leaseUntil) = (.done, nil, nil)
                read.updatedAt = moment(now + 0.5)
                try await database.write { [read] in try $0.update(read) }
            }
            #expect(order == [0, 3, 4, 1, 2])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what was put off is taken up then and no earlier, and parts from a place on are forgotten`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let user = User.sample("a@x.org")
            let smearCase = SmearCase.sample(of: user.id)
            var later = Self.slide(of: smearCase, state: .waiting)
            later.leaseUntil = moment(50)
            let sent = Self.slide(of: smearCase, bytes: 50)
            let parts = [0, 20].map { SlidePart(start: $0, byteCount: 20, sha256: Self.digest) }
            try await database.write { [later] (transaction: any ClinicTransaction) throws in
                try transaction.insert(user)
                try transaction.insert(smearCase)
                try transaction.insert(later)
                try transaction.insert(sent)
                #expect(try transaction.claimSlide(worker: "one", now: moment(49), leaseUntil: moment(99)) == nil)
                let taken = try transaction.claimSlide(worker: "one", now: moment(50), leaseUntil: moment(99))
                #expect(taken?.id == later.id)
                for part in parts { #expect(try transaction.add(part, to: sent.id, at: moment(2))) }
                // As much is here as is kept: nothing changes.
                try transaction.rewind(sent.id, to: 40, at: moment(3))
                #expect(try transaction.parts(of: sent.id) == parts)
                try transaction.rewind(sent.id, to: 20, at: moment(4))
                #expect(try transaction.parts(of: sent.id) == [parts[0]])
                #expect(try transaction.slide(sent.id)?.received == 20)
                #expect(try transaction.add(parts[1], to: sent.id, at: moment(5)))
                // Of what is whole nothing is forgotten.
                try transaction.rewind(later.id, to: 0, at: moment(6))
                #expect(try transaction.slide(later.id)?.received == later.received)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a field is found by its image, and stays when that goes`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample("a@x.org")
            let smearCase = SmearCase.sample(of: user.id)
            let (slide, image) = (Self.slide(of: smearCase), CaseImage.sample(in: smearCase.id))
            var fields = (1...3).map {
                SlideField(
                    slideID: slide.id, number: $0, x: 100 * $0, y: 7, side: 538, micrometresPerPixel: 0.25)
            }
            try await database.write { [fields] transaction in
                try transaction.insert(user)
                try transaction.insert(smearCase)
                try transaction.insert(slide)
                try transaction.insert(fields)
                _ = try transaction.add(image)
            }
            (fields[1].imageID, fields[1].takenAt) = (image.id, moment(9))
            try await database.write { [fields] (transaction: any ClinicTransaction) throws in
                try transaction.update(fields[1])
                #expect(try transaction.fields(of: slide.id) == fields)
                #expect(try transaction.slideField(ofImage: image.id) == fields[1])
                try transaction.deleteImage(image.id)
                #expect(try transaction.slideField(ofImage: image.id) == nil)
                let left = try transaction.fields(of: slide.id)[1]
                #expect(left.imageID == nil && left.takenAt == moment(9))
                try transaction.deleteSlide(slide.id)
                #expect(try transaction.fields(of: slide.id).isEmpty)
            }
        }
    }
}
