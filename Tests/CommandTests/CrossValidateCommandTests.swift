import Foundation
import Testing

@Suite(.serialized) struct CrossValidateCommandTests {
    @Test func `finished folds are kept, and the results come with the last one`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 2)
            func crossValidate(_ more: [String]) async throws -> ProgramRun.Outcome {
                try await Program.lab.run(
                    training.arguments("cross-validate", out: "folds", ["--folds", "2"] + more), in: place.folder)
            }
            let first = try await crossValidate(["--only", "1"])
            try #require(first.code == 0, "\(first.errors)")
            #expect(first.errors.contains("not all folds are finished yet"))
            #expect(!place.exists("folds/results.json"))
            let kept = try Data(contentsOf: place.url("folds/fold-1/result.json"))

            let second = try await crossValidate([])
            try #require(second.code == 0, "\(second.errors)")
            #expect(!second.errors.contains("fold 1 of 2"))
            #expect(second.errors.contains("fold 2 of 2"))
            #expect(try Data(contentsOf: place.url("folds/fold-1/result.json")) == kept)
            let results = try Place.object(Data(contentsOf: place.url("folds/results.json")))
            #expect(results["split"] as? String == "blocks")
            #expect((results["folds"] as? [Any])?.count == 2)
            #expect((results["pooled"] as? [String: Any])?["images"] as? Int == 24)
            #expect((results["mean"] as? [String: Double])?["macroF1"] != nil)
            #expect(second.output.contains("| worst fold |"))
            for chart in ["reliability.svg", "risk-coverage.svg"] {
                #expect(try place.text("folds/\(chart)").hasPrefix("<svg"))
            }
            let fold = try Place.object(kept)
            #expect((fold["test"] as? [[String: Any]])?.first?["logits"] as? [Double] != nil)
            #expect((fold["validation"] as? [Any])?.isEmpty == false)
            let written = try Data(contentsOf: place.url("folds/results.json"))
            try FileManager.default.removeItem(at: place.url("folds/results.json"))
            let again = try await crossValidate([])
            #expect(again.code == 0 && !again.errors.contains("fold 1 of 2"))
            #expect(try Data(contentsOf: place.url("folds/results.json")) == written)

            let other = try await crossValidate(["--seed", "8"])
            #expect(other.code == 65)
            #expect(other.errors.contains("another configuration"))
        }
    }

    @Test func `series are left out by name, and the card tells of them`() async throws {
        try await Place.lend { place in
            _ = try await SmallTraining(place, epochs: 2)
            let files = try place.files(below: "drawn").filter { !$0.hasSuffix(".csv") }.sorted()
            let table = files.enumerated().map { "\($1)\t\($0 % 2 == 0 ? "boxed" : "red")" }
            try place.write(Data(("file\tseries\n" + table.joined(separator: "\n") + "\n").utf8), to: "series.tsv")
            let imported = try await Program.lab.run(
                ["dataset", "import", "drawn", "--into", "set", "--series", "series.tsv"], in: place.folder)
            try #require(imported.code == 0, "\(imported.errors)")
            func lab(_ command: String, _ more: [String]) async throws -> ProgramRun.Outcome {
                let outcome = try await Program.lab.run(
                    [command, "--data", "set", "--config", "config.json", "--epochs", "2"] + more, in: place.folder)
                try #require(outcome.code == 0, "\(outcome.errors)")
                return outcome
            }
            let folds = try await lab("cross-validate", ["--split", "series", "--out", "series"])
            #expect(folds.output.contains("| boxed, ") && folds.output.contains("| worst series |"))
            let results = try Place.object(Data(contentsOf: place.url("series/results.json")))
            #expect(results["foldNames"] as? [String] == ["boxed", "red"])

            let blocks = try await lab("cross-validate", ["--folds", "2", "--out", "blocks"])
            #expect(blocks.output.contains("| worst fold |"))
            _ = try await lab(
                "train", ["--out", "run", "--cross-validation", "blocks/results.json"] + SmallTraining.despite)
            try await checkCard(place)
        }
    }

    @Test func `runs are left out whole, with intervals over runs and the share that is assigned`() async throws {
        try await Place.lend { place in
            _ = try await SmallTraining(place, epochs: 2)
            let files = try place.files(below: "drawn").filter { !$0.hasSuffix(".csv") }.sorted()
            let table = files.enumerated().map { place, file in
                let key = file.split(separator: "/")[0]
                return "\(file)\t\(place == 0 ? "unassigned" : key == "Pro" ? "pro-b-1" : "\(key)-\(place % 3)")"
            }
            try place.write(Data(("file\trun\n" + table.joined(separator: "\n") + "\n").utf8), to: "runs.tsv")
            let imported = try await Program.lab.run(
                ["dataset", "import", "drawn", "--into", "set", "--runs", "runs.tsv"], in: place.folder)
            try #require(imported.code == 0, "\(imported.errors)")
            // Without --split: the manifest knows runs.
            let outcome = try await Program.lab.run(
                ["cross-validate", "--data", "set", "--config", "config.json", "--epochs", "2", "--out", "runs"],
                in: place.folder)
            try #require(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("| 95 % interval over runs |"))
            #expect(outcome.output.contains("23 of 24 images (95.83 %) are assigned to"))
            #expect(outcome.output.contains("not measurable between runs: 1 of the 3 runs needed"))
            let results = try Place.object(Data(contentsOf: place.url("runs/results.json")))
            #expect(results["split"] as? String == "runs" && results["intervalUnit"] as? String == "run")
            let runs = try #require(results["runs"] as? [String: Any])
            #expect(runs["images"] as? Int == 24 && runs["assigned"] as? Int == 23)
            let folds = try #require(runs["folds"] as? [[String]])
            #expect(folds.count == 3 && Set(folds.joined()).count == folds.joined().count)
            let pooled = try #require(results["pooled"] as? [String: Any])
            let intervals = try #require(pooled["confidenceIntervals95"] as? [String: [Double]])
            for figure in ["accuracy", "macroF1", "malignantSensitivity", "ece15", "brier"] {
                #expect(intervals[figure]?.count == 2, "no interval of \(figure)")
            }
        }
    }

    /// The card of `run/package`, as trained and after the series were put in.
    private func checkCard(_ place: Place) async throws {
        let description = try Place.object(Data(contentsOf: place.url("run/package/model.json")))
        #expect((description["conformal"] as? [String: Any])?["coverage"] as? Double == 0.99)
        let decision = try #require(description["decision"] as? [String: Any])
        #expect((decision["selection"] as? [String: Any])?["maximumRisk"] as? Double == 0.005)
        let before = try place.text("run/package/MODEL_CARD.md")
        for heading in [
            "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data",
            "Quantitative analyses", "Failure analysis", "How inputs are refused", "Ethical considerations",
            "Caveats and recommendations", "Version history",
        ] { #expect(before.contains("## \(heading)\n"), "\(heading)") }
        #expect(!before.contains("each left out of training**") && before.contains("Split `blocks`, 2 folds"))

        let wrong = try await Program.lab.run(
            ["card", "run/package", "--series", "blocks/results.json"], in: place.folder)
        #expect(wrong.code == 65 && wrong.errors.contains("blocks"))
        #expect(try place.text("run/package/MODEL_CARD.md") == before)
        try place.write(Data("- 0.9.0: the first.\n".utf8), to: "history.md")
        let outcome = try await Program.lab.run(
            ["card", "run/package", "--series", "series/results.json", "--history", "history.md"], in: place.folder)
        try #require(outcome.code == 0, "\(outcome.errors)")
        let after = try place.text("run/package/MODEL_CARD.md")
        #expect(after.contains("each left out of training**") && after.contains("| `boxed` | "))
        #expect(after.contains("- 0.9.0: the first."))
        let metrics = try Place.object(Data(contentsOf: place.url("run/package/metrics.json")))
        #expect((metrics["leftOutSeries"] as? [String: Any])?["split"] as? String == "series")
        #expect(metrics["crossValidation"] != nil && metrics["reference"] != nil)
    }

    @Test func `a fold that was interrupted goes on with the same command`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 30)
            let folds = ["--folds", "2", "--only", "1"]
            let run = try await training.start(
                "cross-validate", out: "folds", history: "folds/fold-1", until: 1, folds)
            run.send(SIGINT)
            #expect(try await run.outcome().code == 130)
            try #require(!place.exists("folds/fold-1/result.json"))
            let kept = try training.epochs(in: "folds/fold-1").count
            let again = try await Program.lab.run(
                training.arguments("cross-validate", out: "folds", folds), in: place.folder)
            #expect(again.code == 0, "\(again.errors)")
            #expect(again.errors.contains("going on after epoch \(kept)"))
            #expect(try training.epochs(in: "folds/fold-1") == Array(1...30))
            #expect(place.exists("folds/fold-1/result.json"))
        }
    }

    @Test(arguments: [["--only", "3"], ["--only", "one"], ["--split", "luck"]])
    func `folds that there are not are wrong usage`(options: [String]) async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            let outcome = try await Program.lab.run(
                training.arguments("cross-validate", out: "folds", ["--folds", "2"] + options), in: place.folder)
            #expect(outcome.code == 64)
        }
    }
}
