import Findings
import Foundation
import Imaging
import Inference
import Offloading
import Packaging
import Screening
import Testing

/// One decode, one look and one run of the network for everything that is shown of an image.
@Suite(.timeLimit(.minutes(15)))
struct OneLookTests {
    private func package(_ name: String) throws -> ModelPackage {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ModelPackage(directory: root.appending(path: "Models/\(name)"))
    }

    @Test(arguments: ["release", "demonstration"])
    func `an answer with pictures has the numbers of the answer without`(_ name: String) async throws {
        let screener = try Screener(package: package(name))
        for seed in 0..<6 {
            let bytes = try ImageEncoder.png(
                DrawnSmear.draw(class: seed % 4, seed: UInt64(seed), side: 200 + 40 * seed))
            let plain = try await screener.screen(bytes)
            for shown in [
                try await screener.pictures(bytes).result, try await screener.pictures(bytes, for: .showing).result,
                try await screener.explain(bytes).result,
            ] {
                for (one, other) in zip(plain.probabilities.values, shown.probabilities.values) {
                    #expect(abs(one - other) < 1e-6)
                }
                #expect(plain.label == shown.label && plain.decision == shown.decision)
                #expect(plain.novelty == shown.novelty && plain.quality == shown.quality && plain.image == shown.image)
                #expect(plain.similarCases?.map(\.id) == shown.similarCases?.map(\.id))
            }
        }
    }

    @Test func `pixels that are known already are not decoded again, and give the same answer and pictures`()
        async throws
    {
        let screener = try Screener(package: package("demonstration"))
        let photograph = try DrawnSmear.draw(class: 3, seed: 4).resized(width: 1900, height: 1300)
        let bytes = try ImageEncoder.jpeg(photograph, quality: 92)
        let read = try await screener.pictures(bytes)
        let decoded = try ImageDecoder.decodeWithHeader(bytes)
        // Bytes that nothing can decode: only the pixels can have been looked at.
        let known = try await screener.pictures(ScreenedFile([1, 2, 3], decoded: decoded))
        #expect(known.result.probabilities == read.result.probabilities)
        #expect(known.result.quality == read.result.quality && known.result.novelty == read.result.novelty)
        #expect(known.pictures.files.map(\.kind) == read.pictures.files.map(\.kind))
        for (one, other) in zip(known.pictures.files, read.pictures.files) { #expect(one.bytes == other.bytes) }
    }

    @Test func `a page that is not kept gets the map that would be kept`() async throws {
        let screener = try Screener(package: package("demonstration"))
        let bytes = try ImageEncoder.jpeg(DrawnSmear.draw(class: 1, seed: 23), quality: 90)
        let kept = try await screener.pictures(bytes).pictures
        let shown = try await screener.pictures(bytes, for: .showing).pictures
        #expect(shown["map.png"] != nil && shown["map.png"] == kept["map.png"])
        #expect(kept.files.contains { $0.kind == .cellSheet(0) })
        #expect(!shown.files.contains { $0.kind == .cellSheet(0) })
    }

    @Test func `two models share one bound on decoded bytes`() async throws {
        let offloading = Offloading(decodedBytes: 40_000_000)
        let screeners = try ["release", "demonstration"].map {
            try Screener(package: package($0), offloading: offloading)
        }
        // Some 3 MB decoded, and eight times as much to cut it into fields, so that two never fit.
        let bytes = try ImageEncoder.jpeg(
            DrawnSmear.draw(class: 1, seed: 3).resized(width: 1000, height: 1000), quality: 80)
        let width = try await offloading.holding(decodedBytes: 40_000_000) {
            let tasks = screeners.map { screener in Task { try await screener.pictures(bytes).result.image.width } }
            while offloading.decoded.waiting < 2 { try await Task.sleep(for: .milliseconds(2)) }
            // One that is given up leaves the line, the other stays in it.
            tasks[0].cancel()
            await #expect(throws: CancellationError.self) { try await tasks[0].value }
            #expect(offloading.decoded.waiting == 1)
            return tasks[1]
        }.value
        #expect(width == 1000)
        for _ in 0..<3 {
            try await withThrowingTaskGroup { group in
                for screener in screeners + screeners { group.addTask { _ = try await screener.pictures(bytes) } }
                group.addTask {
                    // Watched while they work: one inside at most.
                    for _ in 0..<200 {
                        #expect(offloading.decoded.running <= 30_000_000)
                        try await Task.sleep(for: .milliseconds(1))
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(offloading.decoded.running == 0)
    }
}
