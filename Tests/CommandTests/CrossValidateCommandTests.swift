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

            let other = try await crossValidate(["--seed", "8"])
            #expect(other.code == 65)
            #expect(other.errors.contains("another configuration"))
        }
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
