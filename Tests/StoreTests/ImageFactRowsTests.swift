import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct ImageFactRowsTests {
    private static func facts(_ image: ImageID, _ blastLike: Double? = 2.5) -> ImageFacts {
        ImageFacts(
            imageID: image, model: .init(name: "small", version: "1.0"),
            cells: blastLike.map { .init(cells: 10, blastLike: $0, highest: nil, area: 3) })
    }

    /// A case of so many images.
    private static func add(_ count: Int, in transaction: any ClinicTransaction) throws -> (CaseID, [ImageID]) {
        let user = User.sample()
        let smearCase = SmearCase.sample(of: user.id)
        try transaction.insert(user)
        try transaction.insert(smearCase)
        return (
            smearCase.id,
            try (0..<count).map { try transaction.add(.sample(in: smearCase.id, at: moment(Double($0)))).0.id }
        )
    }

    @Test(arguments: TestedDatabase.allCases)
    func `facts and overlaps are kept, and go with either image`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (smearCase, images) = try await database.write { transaction in
                let (smearCase, images) = try Self.add(3, in: transaction)
                for image in images { try transaction.record(Self.facts(image), likeness: "likeness of \(image)") }
                try transaction.record(
                    [ImageOverlap(images[1], images[0], .near), ImageOverlap(images[1], images[2], .overlapping)],
                    in: smearCase)
                return (smearCase, images)
            }
            try await database.read { (transaction: any ClinicTransaction) throws in
                #expect(try Set(transaction.facts(ofCases: [smearCase]).map(\.imageID)) == Set(images))
                #expect(try transaction.facts(ofCases: [smearCase]).allSatisfy { $0 == Self.facts($0.imageID) })
                #expect(try transaction.likenesses(of: smearCase).map(\.image) == images)
                #expect(try transaction.overlaps(ofCases: [smearCase])[smearCase]?.count == 2)
                #expect(try transaction.overlaps(ofCases: [CaseID()]).isEmpty)
            }
            try await database.write { try $0.deleteImage(images[0]) }
            try await database.read { (transaction: any ClinicTransaction) throws in
                let left = try transaction.overlaps(ofCases: [smearCase])[smearCase]
                #expect(left == [ImageOverlap(images[2], images[1], .overlapping)])
                #expect(try transaction.facts(ofCases: [smearCase]).count == 2)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an image that is looked at again forgets what it overlapped with, and one that is gone is passed over`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { transaction in
                let (smearCase, images) = try Self.add(2, in: transaction)
                let overlap = [ImageOverlap(images[0], images[1], .identical)]
                try transaction.record(overlap, in: smearCase)
                try transaction.record(overlap, in: smearCase)
                #expect(try transaction.overlaps(ofCases: [smearCase])[smearCase] == overlap)
                try transaction.record(Self.facts(images[1], nil), likeness: nil)
                #expect(try transaction.overlaps(ofCases: [smearCase]).isEmpty)
                #expect(try transaction.facts(ofCases: [smearCase]) == [Self.facts(images[1], nil)])
                #expect(try transaction.likenesses(of: smearCase).isEmpty)
                try transaction.record(Self.facts(ImageID()), likeness: "x")
                try transaction.record([ImageOverlap(images[0], ImageID(), .near)], in: smearCase)
                try transaction.record([ImageOverlap(images[0], images[1], .near)], in: CaseID())
                #expect(try transaction.facts(ofCases: [smearCase]).count == 1)
                #expect(try transaction.overlaps(ofCases: [smearCase]).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `images screened before the ninth schema get their facts from the stored answers`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let owner = User.sample()
            let (smearCase, outcome) = (SmearCase.sample(of: owner.id), ScreeningOutcome.sample(.report, .preB))
            try await database.write { transaction in
                try transaction.insert(owner)
                try transaction.addScreened(smearCase, outcome, at: moment(5))
            }
            try await database.migrating { connection in
                try connection.run("DROP TABLE image_overlaps", [])
                try connection.run("DROP TABLE image_facts", [])
                try connection.run("DELETE FROM schema_migrations WHERE number >= 9", [])
            }
            try await database.migrate()
            let facts = try await database.read { try $0.facts(ofCases: [smearCase.id]) }
            #expect(facts.map(\.model) == [outcome.model])
            let summary = try #require(try await database.read { try $0.summary(of: smearCase.id) })
            #expect(summary.fields.map(\.facts?.model) == [outcome.model])
            try await database.close()
        }
    }
}
