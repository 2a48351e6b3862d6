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

    @Test func `benign is told up to the strangest benign image, or gives up a share of them`() async throws {
        try await Place.lend { place in
            try FileManager.default.copyItem(at: Place.demonstration, to: place.url("package"))
            try await place.draw(48, side: 224, into: "drawn")
            func limit(_ more: [String] = []) async throws -> ProgramRun.Outcome {
                try await Program.lab.run(
                    ["novelty", "limit", "package", "--data", "drawn"] + more, in: place.folder)
            }
            func benignThreshold() throws -> Double? {
                let description = try Place.object(Data(contentsOf: place.url("package/model.json")))
                #expect(description["formatVersion"] as? Int == 3)
                return (description["novelty"] as? [String: Any])?["benignThreshold"] as? Double
            }
            /// Novelty of the benign drawings that are reported, and of those that are left open for it.
            func answers() async throws -> (reported: [Double], left: [Double]) {
                let answered = try await Program.leukoscope.run(
                    ["predict", "--json", "--model", "package", "drawn/Benign"], in: place.folder)
                try #require(answered.code == 0, "\(answered.errors)")
                let answers = try answered.lines.map { try Place.object($0) }
                func novelties(_ belongs: ([String: Any]) -> Bool) -> [Double] {
                    answers.filter(belongs).compactMap { $0["novelty"] as? Double }
                }
                return (
                    novelties { $0["decision"] as? String == "report" && $0["label"] as? String == "benign" },
                    novelties { $0["reasonCodes"] as? [String] == ["too-unfamiliar-for-benign"] }
                )
            }
            let before = try await answers().reported
            try #require(before.count >= 4)
            let first = try await limit()
            try #require(first.code == 0, "\(first.errors)")
            #expect(first.output.contains("0 of \(before.count) held-out benign images"))
            let chosen = try #require(try benignThreshold())
            let greatest = try #require(before.max())
            #expect(chosen >= greatest && chosen < greatest + 2e-4)
            let after = try await answers()
            #expect(after.reported == before && after.left.isEmpty)

            // A limit that is there has no part in the choice of another.
            let share = (Double(before.count) - 0.5) / Double(before.count)
            for more in [["--given-up", "\(share)"], []] {
                let again = try await limit(more)
                try #require(again.code == 0, "\(again.errors)")
                let (value, told) = (try #require(try benignThreshold()), try await answers())
                #expect((value == chosen) == more.isEmpty)
                #expect(told.reported == before.filter { $0 <= value })
                #expect(told.left == before.filter { $0 > value } && told.left.isEmpty == more.isEmpty)
            }

            #expect(try await limit(["--given-up", "1"]).code == 64)
            try place.write(Data("{}".utf8), to: "recipe.json")
            let another = try await limit(["--config", "recipe.json"])
            #expect(another.code == 65 && another.errors.contains("another set"))
            let fit = try await Program.lab.run(["novelty", "fit", "package", "--data", "drawn"], in: place.folder)
            #expect(fit.code == 64 && fit.errors.contains("--config"))
            #expect(try benignThreshold() == chosen)
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
