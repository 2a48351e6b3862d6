import Findings
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Testing

@Suite struct ScreeningPicturesTests {
    /// A package of this repository.
    private func package(_ name: String) throws -> ModelPackage {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ModelPackage(directory: root.appendingPathComponent("Models/\(name)"))
    }

    private func drawn() throws -> [UInt8] {
        try ImageEncoder.jpeg(DrawnSmear.draw(class: 1, seed: 23), quality: 90)
    }

    @Test func `every file that the analytics name is there and can be decoded`() async throws {
        let screener = try Screener(package: package("demonstration"))
        let (result, pictures) = try await screener.pictures(drawn())
        let analytics = pictures.analytics
        var named = ["display.jpg", "thumbnail.jpg", analytics.cellsFile]
        named += analytics.steps.map(\.file) + analytics.stages.map(\.file)
        // The crops of all cells are for their gallery.
        named += (0..<CellSheet.count(cells: pictures.cells.count)).map { PictureKind.cellSheet($0).name }
        #expect(!pictures.cells.isEmpty)
        if result.decision != .rejected { named.append("map.png") }
        #expect(Set(named) == Set(pictures.files.map(\.kind.name)))
        #expect(named.count == pictures.files.count)
        for file in pictures.files {
            // The map of the network has few cells.
            let image = try ImageDecoder.decode(file.bytes, limits: ImageLimits(minimumSide: 1))
            #expect(max(image.width, image.height) <= Screener.displaySide, "\(file.kind.name)")
        }
        let display = try ImageDecoder.inspect(try #require(pictures["display.jpg"]))
        #expect(display.width == analytics.displayWidth && display.height == analytics.displayHeight)
        #expect(analytics.steps.map(\.name) == ["original", "mask-corner", "resize", "normalize"])
        #expect(analytics.timeline.map(\.name) == ["decode", "preprocess", "infer", "explain"])
        #expect(analytics.timeline.allSatisfy { $0.milliseconds >= 0 } as Bool)
    }

    @Test func `a drawn smear has cells with sound figures`() async throws {
        let (result, pictures) = try await Screener(package: package("demonstration")).pictures(drawn())
        let analytics = pictures.analytics
        #expect(analytics.cells.count >= 3)
        #expect(analytics.cells.count == min(analytics.cellsFound, ScreeningAnalytics.maximumCells))
        let areas = analytics.cells.map(\.nucleusArea)
        #expect(areas == areas.sorted(by: >))
        for cell in analytics.cells {
            #expect(cell.cellArea >= cell.nucleusArea && cell.nucleusArea > 0)
            #expect(abs(cell.areaShare * Double(result.image.width * result.image.height) - cell.cellArea) < 1e-6)
            #expect((0...1).contains(cell.roundness) && (0...1).contains(cell.nucleusToCytoplasm))
            #expect((0...1).contains(cell.centerX) && (0...1).contains(cell.centerY))
        }
    }

    @Test func `the maps shown are those that vary most, deterministically`() async throws {
        let screener = try Screener(package: package("demonstration"))
        let first = try await screener.pictures(drawn()).pictures.analytics.stages
        #expect(first.map(\.name) == ["early", "middle", "last"])
        for stage in first {
            #expect(stage.shown.count == 8)
            #expect(Set(stage.shown.map(\.index)).count == 8)
            for channel in stage.shown { #expect(channel.maximum > channel.minimum) }
        }
        #expect(try await screener.pictures(drawn()).pictures.analytics.stages == first)
    }

    @Test(arguments: ["release", "demonstration"])
    func `explaining leaves the answer as it is`(_ name: String) async throws {
        let screener = try Screener(package: package(name))
        let bytes = try drawn()
        let plain = try await screener.screen(bytes)
        let explained = try await screener.pictures(bytes).result
        for (one, other) in zip(plain.probabilities.values, explained.probabilities.values) {
            #expect(abs(one - other) < 1e-5)
        }
        #expect(plain.decision == explained.decision)
    }

    @Test func `a rejected image has no heat map, and its analytics name no class`() async throws {
        let screener = try ScreeningFixture.screener { $0.novelty.threshold = 0 }
        let (result, pictures) = try await screener.pictures(ScreeningFixture.bytes("pre-b"))
        #expect(result.decision == .rejected)
        #expect(pictures["map.png"] == nil)
        #expect(pictures["cells.jpg"] != nil && pictures["step-0.jpg"] != nil)
        let text = String(decoding: try JSONEncoder().encode(pictures.analytics), as: UTF8.self)
        for key in ScreeningFixture.keys { #expect(!text.contains(key)) }
    }

    @Test func `the kept map is small, and drawn it is the map of the explanation`() async throws {
        let screener = try Screener(package: package("demonstration"))
        let (result, pictures) = try await screener.pictures(drawn())
        try #require(result.decision != .rejected)
        let file = try #require(pictures["map.png"])
        #expect(file.count < 5000)
        let (kept, explained) = (try HeatMap(png: file), try await screener.explain(drawn()))
        let image = explained.image
        func overlay(_ values: [Float], _ width: Int, _ height: Int) throws -> RGBImage {
            try HeatmapOverlay.render(map: values, mapWidth: width, mapHeight: height, over: image, opacity: 0.65)
        }
        let one = try overlay(kept.values, kept.width, kept.height)
        let other = try overlay(explained.map, explained.mapWidth, explained.mapHeight)
        let differences = zip(one.pixels, other.pixels).map { abs(Int($0) - Int($1)) }
        #expect((differences.max() ?? 255) <= 12)
        #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 1)
        // A map of nothing would be near too.
        #expect(zip(one.pixels, image.pixels).contains { abs(Int($0) - Int($1)) > 40 })
    }

    @Test func `a package without stages still has pictures`() async throws {
        let (_, pictures) = try await ScreeningFixture.screener().pictures(ScreeningFixture.bytes("pre-b"))
        #expect(pictures.analytics.stages.isEmpty)
        #expect(pictures.analytics.steps.count >= 2)
    }

    @Test(arguments: [(32, 32), (2000, 40), (7700, 7700)])
    func `images of any size have pictures`(_ width: Int, _ height: Int) async throws {
        let image = RGBImage(
            width: width, height: height, pixels: [UInt8](repeating: 200, count: width * height * 3))
        let (result, pictures) = try await Screener(package: package("demonstration"))
            .pictures(ImageEncoder.jpeg(image, quality: 70))
        #expect(result.image.width == width && result.image.height == height)
        #expect(pictures.analytics.cells.isEmpty)
        #expect(pictures.files.map(\.bytes.count).reduce(0, +) < 4_000_000)
    }

    @Test func `analytics survive being stored`() async throws {
        let analytics = try await Screener(package: package("demonstration")).pictures(drawn()).pictures.analytics
        let stored = try JSONEncoder().encode(analytics)
        #expect(try JSONDecoder().decode(ScreeningAnalytics.self, from: stored) == analytics)
    }
}
