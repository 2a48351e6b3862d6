import Foundation
import Imaging
import Packaging
import Screening
import Testing
import Training

/// Training (`ImageCache`), the audit (`AuditImages` through the same) and serving (`Screener`) see the same pixels.
@Suite
struct OneSightTests {
    static func package() throws -> ModelPackage {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ModelPackage(directory: root.appending(path: "Models/demonstration"))
    }

    /// A drawn smear, enlarged.
    private static func photograph(_ width: Int, _ height: Int) throws -> RGBImage {
        try DrawnSmear.draw(class: 1, seed: 8, side: 448).resized(width: width, height: height)
    }

    /// A JPEG whose profile is Adobe RGB; the tool that made it is not ours (`Scripts/make_image_fixtures.py`).
    private static func profiled() throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/images/adobe-rgb.jpg")))
    }

    private static func file(_ name: String) throws -> [UInt8] {
        switch name {
        case "12 megapixels": try ImageEncoder.jpeg(photograph(4000, 3000), quality: 90)
        case "12 megapixels, lossless": try ImageEncoder.png(photograph(4000, 3000), level: 1)
        case "not square": try ImageEncoder.jpeg(photograph(1500, 700), quality: 90)
        case "small": try ImageEncoder.png(photograph(224, 224))
        default: try profiled()
        }
    }

    @Test(arguments: ["12 megapixels", "12 megapixels, lossless", "not square", "small", "with a colour profile"])
    func `training and serving give the network the same pixels, bit by bit`(_ name: String) async throws {
        let package = try Self.package()
        let bytes = try Self.file(name)
        let url = FileManager.default.temporaryDirectory.appending(path: "sight-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        defer {
            do { try FileManager.default.removeItem(at: url) } catch { Issue.record(error) }
        }
        let cache = try ImageCache(urls: [url], preprocessing: package.pipeline, megabytes: 10)
        let trained = try cache.image(0)
        let served = try await Screener(package: package).explain(bytes).preprocessing
        // Original, the steps, and last the normalised picture: the network is given the one before that.
        #expect(served[served.count - 2].image == trained)
        #expect(try package.sight.see(bytes).tensor() == package.pipeline.normalized(trained))
    }

    @Test func `a smallest side in the package is followed by training and by serving`() async throws {
        var sight = ImageSight(pipeline: try Self.package().pipeline, minimumSide: 900)
        let bytes = try Self.file("not square")
        #expect(try sight.photograph(sight.decode(bytes)).width == 1500)
        sight = ImageSight(pipeline: sight.pipeline, minimumSide: 350)
        #expect(try sight.photograph(sight.decode(bytes)).width == 750)
        sight = ImageSight(pipeline: sight.pipeline)
        #expect(sight.minimumSide == max(sight.pipeline.outputWidth, sight.pipeline.outputHeight))
    }
}
