import Foundation
import Testing

@Suite struct EvaluateCommandTests {
    /// Two images a class, which the tiny network answers rightly, in folders of different spelling.
    private func fill(_ place: Place) throws {
        let folders = [
            "benign": "Benign", "early-pre-b": "[Malignant] early Pre-B", "pre-b": "Malignant_Pre-B", "pro-b": "Pro",
        ]
        for (key, folder) in folders { try place.copy(Place.tinyImage(key), to: "images/\(folder)/1.png") }
    }

    private func evaluate(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(
            ["evaluate", "--model", Place.tinyPackage.path, "--data", "images"] + arguments, in: place.folder)
    }

    @Test func `the package keeps how the model answered these images`() async throws {
        try await Place.lend { place in
            try fill(place)
            try place.copyTinyPackage(to: "package")
            let outcome = try await Program.leukoscope.run(
                ["evaluate", "--model", "package", "--data", "images", "--write-reference"], in: place.folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let metrics = try Place.object(Data(contentsOf: place.url("package/metrics.json")))
            #expect(metrics["images"] as? Int == 0)
            let reference = try #require(metrics["reference"] as? [String: Any])
            #expect(reference["source"] as? String == "labelled")
            #expect(reference["images"] as? Int == 4)
            #expect(reference["classes"] as? [String: Int] == ["benign": 1, "early-pre-b": 1, "pre-b": 1, "pro-b": 1])
            for name in ["confidence", "novelty"] {
                let counts = (reference[name] as? [String: Any])?["counts"] as? [Int]
                #expect(counts?.reduce(0, +) == 4)
            }
            // Only the figures changed: the package is as sound as before.
            #expect(
                try await Program.leukoscope.run(
                    ["predict", "--model", "package", Place.tinyImage("pre-b").path], in: place.folder
                ).code == 0)
        }
    }

    @Test func `the metrics have exactly the documented fields`() async throws {
        try await Place.lend { place in
            try fill(place)
            let outcome = try await evaluate(["--json", "metrics.json"], in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let metrics = try Place.object(Data(contentsOf: place.url("metrics.json")))
            #expect(
                metrics.keys.sorted()
                    == [
                        "accuracy", "auroc", "benignSpecificity", "brier", "confidenceIntervals95", "confusion",
                        "decisions", "ece15", "images", "macroF1", "malignantSensitivity", "perClass",
                    ])
            let classes = try #require(metrics["perClass"] as? [String: [String: Double]])
            #expect(classes.keys.sorted() == ["benign", "early-pre-b", "pre-b", "pro-b"])
            for figures in classes.values {
                #expect(figures.keys.sorted() == ["f1", "precision", "recall", "support"])
            }
            let decisions = try #require(metrics["decisions"] as? [String: Int])
            #expect(decisions.keys.sorted() == ["rejected", "report", "uncertain"])
            #expect(decisions.values.reduce(0, +) == 4)
            #expect(metrics["images"] as? Int == 4)
            #expect(metrics["accuracy"] as? Double == 1)
            #expect(metrics["confusion"] as? [[Int]] == (0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } })
        }
    }

    @Test func `a wrong folder costs accuracy, and standard output can take the metrics alone`() async throws {
        try await Place.lend { place in
            try fill(place)
            try place.copy(Place.tinyImage("pro-b"), to: "images/Benign/2.png")
            try FileManager.default.removeItem(at: place.url("images/Pro"))
            let outcome = try await evaluate(["--json", "-"], in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let metrics = try Place.object(outcome.output)
            #expect(metrics["accuracy"] as? Double == 0.75)
            #expect(metrics["benignSpecificity"] as? Double == 0.5)
            #expect(metrics["malignantSensitivity"] as? Double == 1)
        }
    }

    @Test func `the report shows every part, is well-formed, and says what it is not`() async throws {
        try await Place.lend { place in
            try fill(place)
            try place.copy(Place.fixtures.appendingPathComponent("images/plain.jpg"), to: "images/Pre/plain.jpg")
            let outcome = try await evaluate(["--report", "report"], in: place)
            #expect(outcome.code == 0, "\(outcome.errors)")
            let page = try place.text("report/index.html")
            #expect(page.lowercased().contains("screening aid"))
            for part in ["<svg", "Confusion", "ROC", "eliability"] { #expect(page.contains(part), "\(part)") }
            #expect(!page.contains("<script"))
            try expectBalancedTags(page)
        }
    }

    @Test func `a file that is no image is listed, the others are measured, and the exit code is 65`() async throws {
        try await Place.lend { place in
            try fill(place)
            for file in try Place.badFiles() { try place.write(file.data, to: "images/Pre/\(file.name)") }
            let outcome = try await evaluate(["--json", "metrics.json", "--report", "report"], in: place)
            #expect(outcome.code == 65)
            #expect(try Place.object(Data(contentsOf: place.url("metrics.json")))["images"] as? Int == 4)
            let page = try place.text("report/index.html")
            for file in try Place.badFiles() {
                #expect(outcome.errors.contains("left out: Pre/\(file.name): "))
                #expect(page.contains("Pre/\(file.name)"))
            }
        }
    }

    @Test func `folders of no known class hold nothing to measure`() async throws {
        try await Place.lend { place in
            try place.copy(Place.tinyImage("benign"), to: "images/holiday/1.png")
            let outcome = try await evaluate([], in: place)
            #expect(outcome.code == 65)
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func `a model that is not there ends with 69, and no folder with 64`() async throws {
        try await Place.lend { place in
            try fill(place)
            let missing = try await Program.leukoscope.run(
                ["evaluate", "--model", "nowhere", "--data", "images"], in: place.folder)
            #expect(missing.code == 69)
            let usage = try await Program.leukoscope.run(["evaluate"], in: place.folder)
            #expect(usage.code == 64)
        }
    }

    /// Every element that is opened is closed in turn.
    private func expectBalancedTags(_ page: String) throws {
        let void: Set = ["meta", "link", "img", "br", "hr", "input", "!doctype"]
        var open: [String] = []
        for match in page.matches(of: #/<(/?)([!a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>/#) {
            let name = match.output.2.lowercased()
            if match.output.3 == "/" || void.contains(name) { continue }
            if match.output.1.isEmpty {
                open.append(name)
            } else {
                try #require(open.popLast() == name, "</\(name)> closes nothing of that name")
            }
        }
        #expect(open.isEmpty)
        #expect(page.lowercased().hasPrefix("<!doctype html>"))
    }
}
