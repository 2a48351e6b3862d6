import Foundation
import Testing

@Suite struct PredictCommandTests {
    private static let classes = ["benign", "early-pre-b", "pre-b", "pro-b"]

    private func predict(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(
            ["predict", "--model", Place.tinyPackage.path] + arguments, in: place.folder)
    }

    @Test func `lines come in the order of the images`() async throws {
        try await Place.lend { place in
            let names = (0..<40).map { "image-\($0)" }
            for (number, name) in names.enumerated() {
                try place.copy(Place.tinyImage(Self.classes[number % 4]), to: "\(name).png")
            }
            let shuffled = names.reversed().map { "\($0).png" }
            let outcome = try await predict(["--json"] + shuffled, in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let answers = try outcome.lines.map(Place.object)
            #expect(answers.map { $0["file"] as? String } == shuffled)
            let labels = answers.map { $0["label"] as? String }
            #expect(labels == shuffled.indices.map { Self.classes[(39 - $0) % 4] })
        }
    }

    @Test func `an answer has the documented fields and probabilities that sum to one`() async throws {
        try await Place.lend { place in
            let outcome = try await predict(["--json", Place.tinyImage("pre-b").path], in: place)
            let answer = try Place.object(outcome.output)
            let documented = [
                "label", "displayName", "probabilities", "confidence", "decision", "reasons", "reasonCodes",
                "predictionSet",
                "novelty", "quality", "model", "image", "timings",
            ]
            // The file of the line, and the notice that a demonstration model carries.
            #expect(answer.keys.sorted() == (documented + ["file", "notice"]).sorted())
            let probabilities = try #require(answer["probabilities"] as? [String: Double])
            #expect(probabilities.keys.sorted() == Self.classes)
            #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-6)
            #expect(answer["confidence"] as? Double == probabilities["pre-b"])
            #expect((answer["model"] as? [String: String]) == ["name": "tiny", "version": "0.1.0"])
            #expect((answer["image"] as? [String: Any])?.keys.sorted() == ["height", "sha256", "width"])
            let timings = try #require(answer["timings"] as? [String: Double])
            #expect(timings.keys.sorted() == ["decodeMs", "inferenceMs", "preprocessMs"])
        }
    }

    @Test func `people read the class, and that it is no diagnosis`() async throws {
        try await Place.lend { place in
            let outcome = try await predict([Place.tinyImage("benign").path], in: place)
            #expect(outcome.code == 0)
            #expect(outcome.lines.count == 1)
            #expect(outcome.output.contains("Benign (haematogones)"))
            #expect(outcome.errors.contains("not a diagnosis"))
        }
    }

    @Test func `a bad file is told on its line, the rest goes on, and the exit code is 65`() async throws {
        try await Place.lend { place in
            let bad = try Place.badFiles()
            for file in bad { try place.write(file.data, to: file.name) }
            let good = Place.tinyImage("pro-b").path
            let names = bad.flatMap { [$0.name, good] } + ["missing.png", good]
            let outcome = try await predict(["--json"] + names, in: place)
            #expect(outcome.code == 65)
            let lines = try outcome.lines.map(Place.object)
            #expect(lines.map { $0["file"] as? String } == names)
            let codes = lines.map { ($0["error"] as? [String: String])?["code"] }
            #expect(codes == bad.flatMap { [$0.code, nil] } + ["fileNotFound", nil])
            for line in lines where line["error"] == nil { #expect(line["label"] as? String == "pro-b") }
        }
    }

    @Test(arguments: [
        "cmyk.jpg", "grey.jpg", "grey16.png", "grey16.tiff", "palette.png", "palette.bmp", "alpha.png",
        "orientation-6.jpg", "lossy.webp",
    ])
    func `unusual but sound images are answered`(name: String) async throws {
        try await Place.lend { place in
            let outcome = try await predict(
                ["--json", Place.fixtures.appendingPathComponent("images/\(name)").path], in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let probabilities = try #require(try Place.object(outcome.output)["probabilities"] as? [String: Double])
            #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-6)
        }
    }

    @Test func `a folder stands for the images in it, and what is passed over is counted`() async throws {
        try await Place.lend { place in
            for name in ["b/2.png", "b/10.PNG", "a.png"] {
                try place.copy(Place.tinyImage("benign"), to: "images/\(name)")
            }
            try place.write(Data("notes".utf8), to: "images/notes.txt")
            try place.write(Data("hidden".utf8), to: "images/.hidden.png")
            let outcome = try await predict(["--json", "images"], in: place)
            #expect(outcome.code == 0)
            let files = try outcome.lines.map { try Place.object($0)["file"] as? String }
            #expect(files == ["images/a.png", "images/b/10.PNG", "images/b/2.png"])
            #expect(outcome.errors.contains("1 files without an image's extension were passed over"))
        }
    }

    @Test func `heat maps are written, one an image, also of images of the same name`() async throws {
        try await Place.lend { place in
            try place.copy(Place.tinyImage("benign"), to: "one/smear.png")
            try place.copy(Place.tinyImage("pre-b"), to: "two/smear.png")
            let outcome = try await predict(["--heatmap", "maps", "one/smear.png", "two/smear.png"], in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try place.files(below: "maps") == ["smear-2.heatmap.png", "smear.heatmap.png"])
            let maps = try ["smear-2.heatmap.png", "smear.heatmap.png"].map {
                try Data(contentsOf: place.url("maps/\($0)"))
            }
            #expect(maps.allSatisfy { $0.starts(with: [0x89, 0x50, 0x4E, 0x47]) })
            #expect(maps[0] != maps[1])
        }
    }

    @Test(arguments: [[], ["--json"], ["--no-such-option", "a.png"], ["--model"]])
    func `wrong usage ends with 64`(arguments: [String]) async throws {
        try await Place.lend { place in
            let outcome = try await Program.leukoscope.run(["predict"] + arguments, in: place.folder)
            #expect(outcome.code == 64)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("Usage: leukoscope predict"))
        }
    }

    @Test func `help teaches and ends well`() async throws {
        try await Place.lend { place in
            for arguments in [["--help"], ["predict", "--help"], ["evaluate", "--help"]] {
                let outcome = try await Program.leukoscope.run(arguments, in: place.folder)
                #expect(outcome.code == 0)
                #expect(outcome.output.contains("not a diagnosis"))
            }
        }
    }
}
