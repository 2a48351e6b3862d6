import Foundation
import Imaging
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
                "predictionSet", "novelty", "quality", "fields", "site", "model", "image", "timings",
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

    @Test func `answers in a language that is installed, and names those that are`() async throws {
        try await Place.lend { place in
            try place.write(Data("no picture".utf8), to: "text.png")
            let outcome = try await predict(["--language", "en", "text.png"], in: place)
            #expect(outcome.code == 65, "\(outcome.errors)")
            let unknown = try await predict(["--language", "tlh", "text.png"], in: place)
            #expect(unknown.code == 64)
            #expect(unknown.errors.contains("--language is one of en") && unknown.errors.contains("“tlh”"))
        }
    }

    @Test func `the cells of an image come as pictures and as lines of a table`() async throws {
        try await Place.lend { place in
            let drawing = try DrawnSmear.draw(class: 2, seed: 77, side: 448)
            try place.write(Data(ImageEncoder.png(drawing)), to: "one.png")
            try place.write(Data(ImageEncoder.png(drawing)), to: "two/one.png")
            let outcome = try await Program.leukoscope.run(
                [
                    "predict", "--json", "--model", Place.demonstration.path, "--cells", "cells", "--heatmap", "maps",
                    "one.png", "two/one.png",
                ], in: place.folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let answer = try Place.object(outcome.lines[0])
            let found = try #require((answer["cells"] as? [String: Any])?["found"] as? Int)
            #expect(found > 0)
            #expect((answer["scale"] as? [String: Any])?["source"] as? String == "measured")
            #expect((0...1).contains(try #require(answer["blastEvidence"] as? Double)))
            let folder = place.folder.appendingPathComponent("cells")
            let table = try String(contentsOf: folder.appendingPathComponent("cells.csv"), encoding: .utf8)
                .split(separator: "\r\n")
            #expect(
                table.first == "file,cell,x,y,width,height,type,typeProbability,blastEvidence,nucleusArea,redCellPixels"
            )
            #expect(table.count == 1 + 2 * found)
            #expect(table.dropFirst().prefix(found).allSatisfy { $0.hasPrefix("one.png,") })
            #expect(table.suffix(found).allSatisfy { $0.hasPrefix("two/one.png,") })
            for line in table.dropFirst() {
                let fields = line.split(separator: ",").map(String.init)
                #expect(fields.count == 11)
                let numbers = (fields[2...5] + fields[7...10]).compactMap(Double.init)
                #expect(numbers.count == 8)
                #expect(numbers[0] >= 0 && numbers[0] + numbers[2] <= 448.1)
            }
            let pictures = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".png") }
            #expect(pictures.count == 2 * found)
            #expect(pictures.contains("one-cell-001.png") && pictures.contains("one-2-cell-001.png"))
        }
    }

    @Test func `a stated scale is used, and one that no image has is wrong usage`() async throws {
        try await Place.lend { place in
            try place.write(Data(ImageEncoder.png(DrawnSmear.draw(class: 1, seed: 5))), to: "one.png")
            let model = ["predict", "--json", "--model", Place.demonstration.path]
            let outcome = try await Program.leukoscope.run(
                model + ["--red-cell-pixels", "21", "one.png"], in: place.folder)
            let scale = try #require(try Place.object(outcome.output)["scale"] as? [String: Any])
            #expect(scale["source"] as? String == "given")
            #expect(scale["redCellPixels"] as? Double == 21)
            let wrong = try await Program.leukoscope.run(
                model + ["--red-cell-pixels", "1", "one.png"], in: place.folder)
            #expect(wrong.code == 64)
            let none = try await predict(["--cells", "cells", "one.png"], in: place)
            #expect(none.code == 69)
            #expect(none.errors.contains("reads no cells"))
        }
    }

    @Test func `people read the class, and that it is no diagnosis`() async throws {
        try await Place.lend { place in
            let outcome = try await predict([Place.tinyImage("benign").path], in: place)
            #expect(outcome.code == 0)
            #expect(outcome.lines.count == 1)
            #expect(outcome.output.contains("Benign (haematogones)"))
            #expect(outcome.output.contains("has not been qualified"))
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
