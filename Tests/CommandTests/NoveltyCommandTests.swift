import Foundation
import Imaging
import Testing

@Suite(.serialized) struct NoveltyCommandTests {
    private static let methods = [
        "appearance-mahalanobis", "centroid-cosine", "embedding-mahalanobis", "energy", "nearest-neighbour",
    ]

    /// Pictures that are no smears: stripes of a few widths.
    private func writeStripes(_ count: Int, into place: Place) throws {
        for number in 1...count {
            let pixels = (0..<72 * 72).flatMap { (index: Int) -> [UInt8] in
                let isDark = (index % 72 / number) % 2 == 0
                return [UInt8](repeating: isDark ? 30 : 220, count: 3)
            }
            let image = RGBImage(width: 72, height: 72, pixels: pixels)
            try place.write(Data(ImageEncoder.png(image)), to: "stripes/\(number).png")
        }
    }

    @Test func `the methods stand side by side on the networks of a cross-validation`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            try writeStripes(6, into: place)
            let sets = ["--folds", "2"]
            func compare(_ more: [String]) async throws -> ProgramRun.Outcome {
                try await Program.lab.run(
                    [
                        "novelty", "compare", "--data", "drawn", "--config", "config.json", "--epochs", "1", "--run",
                        "folds",
                    ] + sets + more, in: place.folder)
            }
            let without = try await compare(["--unfamiliar", "stripes=stripes"])
            #expect(without.code == 65)
            #expect(without.errors.contains("no finished fold"))

            let crossed = try await Program.lab.run(
                training.arguments("cross-validate", out: "folds", sets), in: place.folder)
            try #require(crossed.code == 0, "\(crossed.errors)")
            let outcome = try await compare(["--unfamiliar", "stripes=stripes", "--json", "novelty.json"])
            try #require(outcome.code == 0, "\(outcome.errors)")
            let results = try Place.object(Data(contentsOf: place.url("novelty.json")))
            let folds = try #require(results["folds"] as? [String: [[String: Any]]])
            #expect(folds.keys.sorted() == Self.methods)
            for figures in folds.values { #expect(figures.count == 2) }
            let mean = try #require(results["mean"] as? [String: [String: Any]])
            let appearance = try #require(mean["appearance-mahalanobis"]?["unfamiliar"] as? [String: [String: Double]])
            #expect(appearance["stripes"]?["images"] == 6)
            #expect(appearance["stripes"]?["auroc"] == 1)
            #expect(outcome.output.contains("| nearest-neighbour |"))

            for wrong in ["stripes", "=stripes", "stripes="] {
                #expect(try await compare(["--unfamiliar", wrong]).code == 64)
            }
            #expect(try await compare(["--unfamiliar", "none=nowhere"]).code == 65)
        }
    }

    @Test func `an older package learns what its images look like, and refuses others`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "package")
            try await place.draw(60, side: 64, into: "drawn")
            try writeStripes(4, into: place)
            let fitted = try await Program.lab.run(["novelty", "fit", "package", "--data", "drawn"], in: place.folder)
            try #require(fitted.code == 0, "\(fitted.errors)")
            #expect(fitted.output.contains("60 images"))
            let description = try Place.object(Data(contentsOf: place.url("package/model.json")))
            #expect((description["novelty"] as? [String: Any])?["method"] as? String == "appearance-mahalanobis")
            let answered = try await Program.leukoscope.run(
                ["predict", "--json", "--model", "package", "stripes"], in: place.folder)
            try #require(answered.code == 0, "\(answered.errors)")
            for line in answered.lines {
                #expect(try Place.object(line)["decision"] as? String == "rejected")
            }
            #expect(answered.lines.count == 4)
            #expect(
                try await Program.lab.run(["novelty", "fit", "nowhere", "--data", "drawn"], in: place.folder).code == 65
            )
        }
    }
}
