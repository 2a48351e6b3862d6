import Foundation
import Tensors
import Testing

/// Real processes that train together over loopback.
@Suite(.serialized) struct SeveralProcessesTests {
    /// The weights in a run's checkpoint.
    private func weights(_ run: String, in place: Place) throws -> [String: Tensor] {
        try Safetensors.read(place.url("\(run)/checkpoint.safetensors")).filter { $0.key.hasPrefix("value/") }
    }

    @Test func `two processes train as one does, and the first alone writes files`() async throws {
        try await Place.lend { place in
            // With all that looks at a whole batch or draws at random for it.
            let training = try await SmallTraining(
                place, epochs: 2,
                extra: [
                    "optimizer": "sgd", "learningRate": 0.01, "batchSize": 8, "styleMixing": 1, "groupRobustness": 0.3,
                    "classWeights": "balanced", "nucleusErasure": 0.2,
                ])
            #expect(try await training.train(out: "one").code == 0)
            let outcomes = try await SeveralProcesses(place).run {
                training.arguments("train", out: $0 == 0 ? "two" : "other")
            }
            for outcome in outcomes { try #require(outcome.code == 0, "\(outcome.errors)") }
            #expect(outcomes[0].lines.last?.hasSuffix("two/package") == true)
            #expect(outcomes[1].output == "")
            #expect(!place.exists("other"))
            let (one, two) = (try weights("one", in: place), try weights("two", in: place))
            #expect(one.count == two.count)
            // Sums are rounded otherwise, as they are with another number of threads; 0.0001 was seen, and 0.05 where each
            // process normalises by its own part of a batch.
            for (name, tensor) in one {
                let other = try #require(two[name])
                let difference = zip(tensor.values, other.values).map { abs($0 - $1) }.max() ?? 0
                #expect(difference < 1e-3, "\(name) differs by \(difference)")
            }
            #expect(try training.epochs(in: "two") == [1, 2])
        }
    }

    @Test func `a worker that is killed is noticed, and all go on after the last epoch`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 16, extra: ["batchSize": 8])
            let processes = try SeveralProcesses(place)
            func arguments(_ out: String, _ more: [String] = []) -> (Int) -> [String] {
                { training.arguments("train", out: $0 == 0 ? out : "other", more) }
            }
            let (first, second) = (
                try processes.start(0, arguments("broken")(0)), try processes.start(1, arguments("broken")(1))
            )
            let hasReached = try await first.waits {
                try place.exists("broken/history.csv") && training.epochs(in: "broken").count >= 3
            }
            try #require(hasReached, "the training ended too soon")
            second.send(SIGKILL)
            let end = try await first.outcome(within: .seconds(200))
            #expect(end.code == 69)
            #expect(end.errors.contains("another process of the training ended or cannot be reached"), "\(end.errors)")
            let kept = try training.epochs(in: "broken")
            #expect(
                end.errors.contains(
                    "start all of them again, train with --resume, and they go on after epoch \(kept.count)"))
            #expect(kept.count < 16)
            for outcome in try await processes.run(arguments("broken", ["--resume"])) {
                try #require(outcome.code == 0, "\(outcome.errors)")
                #expect(outcome.errors.contains("going on after epoch \(kept.count)"))
            }
            for outcome in try await processes.run(arguments("whole")) {
                try #require(outcome.code == 0, "\(outcome.errors)")
            }
            #expect(try training.weights(of: "broken") == training.weights(of: "whole"))
        }
    }

    @Test func `the folds of a cross-validation are shared too`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1, extra: ["batchSize": 8])
            let outcomes = try await SeveralProcesses(place).run {
                training.arguments(
                    "cross-validate", out: $0 == 0 ? "folds" : "other", ["--folds", "2", "--split", "random"])
            }
            for outcome in outcomes { try #require(outcome.code == 0, "\(outcome.errors)") }
            #expect(place.exists("folds/results.json"))
            #expect(outcomes[0].output.contains("|"))
            #expect(outcomes[1].output == "")
            #expect(!place.exists("other"))
        }
    }

    @Test func `the networks of a cell model go on after a worker was killed`() async throws {
        try await Place.lend { place in
            let recipe = """
                {"finder": {"count": 12, "batchSize": 4, "learningRate": 0.004, "weightDecay": 0.0001},
                 "reader": {"count": 80, "batchSize": 4, "learningRate": 0.003, "weightDecay": 0.001},
                 "sources": [{"laboratory": "drawn", "kind": "drawn", "folder": "", "limit": 3, "isLearned": true}]}
                """
            try place.write(Data(recipe.utf8), to: "cells.json")
            let processes = try SeveralProcesses(place)
            func arguments(_ out: String, _ more: [String] = []) -> (Int) -> [String] {
                {
                    ["cells", "train", "--config", "cells.json", "--data", ".", "--out", $0 == 0 ? out : "other"] + more
                }
            }
            let (first, second) = (
                try processes.start(0, arguments("broken")(0)), try processes.start(1, arguments("broken")(1))
            )
            let hasReached = try await first.waits { place.exists("broken/cells-find.onnx") }
            try #require(hasReached, "the training ended too soon")
            second.send(SIGKILL)
            let end = try await first.outcome(within: .seconds(200))
            #expect(end.code == 69)
            #expect(end.errors.contains("start all of them again, with --resume"), "\(end.errors)")
            for outcome in try await processes.run(arguments("broken", ["--resume"])) {
                try #require(outcome.code == 0, "\(outcome.errors)")
            }
            for outcome in try await processes.run(arguments("whole")) {
                try #require(outcome.code == 0, "\(outcome.errors)")
            }
            #expect(try place.files(below: "broken") == ["cells-find.onnx", "cells-read.onnx", "cells.json"])
            for name in try place.files(below: "whole") {
                #expect(
                    try Data(contentsOf: place.url("broken/\(name)")) == Data(contentsOf: place.url("whole/\(name)")),
                    "\(name)")
            }
            #expect(!place.exists("other"))
        }
    }

    @Test func `processes that do not find one another say so in time`() async throws {
        try await Place.lend { place in
            // Nothing but the settings is looked at before.
            let arguments = ["train", "--data", "drawn", "--out", "run", "--join-timeout", "1"]
            let lonely = try (0..<2).map { rank in
                let processes = try SeveralProcesses(place)
                return (processes, try processes.start(rank, arguments))
            }
            for (rank, (processes, run)) in lonely.enumerated() {
                let end = try await run.outcome(within: .seconds(200))
                #expect(end.code == 69)
                let words = "process \(rank) of 2 did not meet the others at 127.0.0.1:\(processes.port)"
                #expect(end.errors.contains(words), "\(end.errors)")
            }
            var environment = lonely[0].0.environment(0)
            environment["WORLD_SIZE"] = nil
            let lacking = try await Program.lab.run(arguments, in: place.folder, environment: environment)
            #expect(lacking.code == 64)
            #expect(lacking.errors.contains("RANK is set and WORLD_SIZE is not"))
            #expect(!place.exists("run"))
        }
    }

    @Test func `a process with another seed stops all of them`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            let outcomes = try await SeveralProcesses(place).run {
                training.arguments("train", out: "run", $0 == 0 ? [] : ["--seed", "8"])
            }
            for outcome in outcomes {
                #expect(outcome.code == 64)
                #expect(outcome.errors.contains("differ between process 0 and process 1"), "\(outcome.errors)")
            }
            #expect(!place.exists("run/history.csv"))
        }
    }
}
