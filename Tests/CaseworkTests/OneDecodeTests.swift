import Casework
import Clinic
import Findings
import Foundation
import Imaging
import Screening
import Store
import Testing

/// An image on its way into a case: sent, stored, handed over, screened.
@Suite(.timeLimit(.minutes(15)))
struct OneDecodeTests {
    /// What a case says of a sent image, with and without the pixels of the intake.
    private static func answers(to sent: [UInt8], handedOver: Bool) async throws -> (ScreeningOutcome, stored: [UInt8])
    {
        let screener = try CaseworkFixture.screener()
        var answer: (ScreeningOutcome, [UInt8])?
        try await CaseworkFixture.run { fixture in
            let handover = handedOver ? ImageHandover() : nil
            let (image, _) = try await ImageIntake(
                database: fixture.database, archive: fixture.archive, handover: handover
            ).add(sent, to: fixture.caseID, by: fixture.actor, uploadKey: "sent")
            let stored = try await fixture.archive.bytes(at: image.archiveKey)
            // With the pixels at hand the worker reads no file, so it may be away.
            if handedOver { try await fixture.archive.remove(image.archiveKey) }
            let worker = ScreeningWorker(
                database: fixture.database, archive: fixture.archive, models: ModelShelf(screener), settings: .quick,
                handover: handover)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            answer = (try #require(try await fixture.screenings()[0].answer), stored)
        }
        return try #require(answer)
    }

    private static func file(_ name: String) throws -> [UInt8] {
        let drawing = try DrawnSmear.draw(class: 2, seed: 9, side: 448)
        return switch name {
        case "small": try ImageEncoder.png(drawing.resized(width: 224, height: 224), level: 0)
        case "2 megapixels": try ImageEncoder.jpeg(drawing.resized(width: 1700, height: 1200), quality: 90)
        default:
            [UInt8](try Data(contentsOf: CaseworkFixture.folder.appending(path: "images/adobe-rgb.jpg")))
        }
    }

    @Test(arguments: ["small", "2 megapixels", "with a colour profile"])
    func `the file sent, the pixels handed over and the stored file get one answer`(_ name: String) async throws {
        let sent = try Self.file(name)
        let direct = try await CaseworkFixture.screener().screen(sent)
        let (handed, _) = try await Self.answers(to: sent, handedOver: true)
        let (read, stored) = try await Self.answers(to: sent, handedOver: false)
        for result in [handed, read] {
            #expect(result.probabilities == direct.probabilities && result.quality == direct.quality)
            #expect(result.novelty == direct.novelty && result.decision == direct.decision)
            #expect(result.image.width == direct.image.width && result.image.height == direct.image.height)
        }
        // Both hashes are of the stored file.
        #expect(handed.image.sha256 == read.image.sha256 && handed.image.sha256 != direct.image.sha256)
        // What is stored is in sRGB, so that whoever reads it without a profile sees the same colours.
        #expect(try ImageDecoder.decodeWithHeader(stored).header.colours == .assumed)
        #expect(try ImageDecoder.decode(stored) == ImageDecoder.decode(sent))
    }

    @Test func `an image over the handover's bound makes room for the newest, and is read from the archive`()
        async throws
    {
        let screener = try CaseworkFixture.screener()
        try await CaseworkFixture.run { fixture in
            // Room for about one of three.
            let handover = ImageHandover(maximumBytes: 48 * 48 * 3 + 7000)
            let intake = ImageIntake(database: fixture.database, archive: fixture.archive, handover: handover)
            for index in 0..<3 {
                _ = try await intake.add(
                    CaseworkFixture.drawing(index), to: fixture.caseID, by: fixture.actor, uploadKey: "image-\(index)")
            }
            let worker = ScreeningWorker(
                database: fixture.database, archive: fixture.archive, models: ModelShelf(screener), settings: .quick,
                handover: handover)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(try await fixture.screenings().allSatisfy { $0.state == .done })
        }
    }
}
