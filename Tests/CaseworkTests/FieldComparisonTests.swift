import Casework
import Clinic
import Findings
import Foundation
import Imaging
import Screening
import Testing

@Suite struct FieldComparisonTests {
    /// Answers benign to everything, and compares as the server does.
    private static func reading(_ file: ScreenedFile) async throws -> ScreenedImage {
        ScreenedImage(
            outcome: CaseworkFixture.outcome().outcome, analyticsJSON: "{}", pictures: [],
            likeness: try FieldLikeness(of: ImageDecoder.decode(file.bytes)))
    }

    private static func summary(_ fixture: CaseworkFixture) async throws -> CaseSummary {
        let id = fixture.caseID
        let summary = try await fixture.database.read { try $0.summary(of: id) }
        return try #require(summary)
    }

    @Test func `images of one field count once, whichever way they come, and again when the other is deleted`()
        async throws
    {
        try await CaseworkFixture.run { fixture in
            let field = try DrawnSmear.draw(class: 1, seed: 3, side: 800)
            let left = field.cut(columns: 0..<400, rows: 0..<400)
            let files = [
                try ImageEncoder.png(left), try ImageEncoder.png(left), try ImageEncoder.jpeg(left, quality: 70),
                try ImageEncoder.png(field.cut(columns: 150..<550, rows: 0..<400)),
                try ImageEncoder.png(field.cut(columns: 400..<800, rows: 400..<800)),
            ]
            for (number, file) in files.enumerated() {
                _ = try await fixture.intake().add(
                    file, to: fixture.caseID, by: fixture.actor, uploadKey: "image-\(number)")
            }
            let workers = (0..<2).map { _ in fixture.worker { try await Self.reading($0) } }
            try await fixture.run(workers, until: CaseworkFixture.allDone)

            let summary = try await Self.summary(fixture)
            #expect(summary.verdict.usableCount == 2)
            #expect(
                summary.verdict.repeated.map(\.relation).sorted { $0.rawValue < $1.rawValue } == [
                    .identical, .near, .overlapping,
                ])
            let first = try #require(summary.fields.first?.imageID)
            #expect(Set(summary.verdict.repeated.map(\.of)) == [first])

            let removal = CaseRemoval(database: fixture.database, archive: fixture.archive)
            try await removal.removeImage(first, in: fixture.caseID, of: fixture.owner, by: fixture.actor)
            let rest = try await Self.summary(fixture)
            #expect(rest.verdict.usableCount == 2 && rest.verdict.repeated.count == 2)
        }
    }

    @Test func `the worker of the server compares what it screens`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let worker = ScreeningWorker(
                database: fixture.database, archive: fixture.archive,
                models: ModelShelf(try CaseworkFixture.screener()), settings: .quick)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let id = fixture.caseID
            let kept = try await fixture.database.read { try $0.likenesses(of: id).map(\.likeness) }
            #expect(kept.count == 1)
            let data = try #require(kept.first.flatMap { Data(base64Encoded: $0) })
            #expect(FieldLikeness(data: data) != nil)
        }
    }
}
