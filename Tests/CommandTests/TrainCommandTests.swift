import Foundation
import Testing

@Suite(.serialized) struct TrainCommandTests {
    @Test func `a training leaves its history, its curves and a package that predict accepts`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place)
            let trained = try await training.train(
                out: "run", ["--name", "drawn", "--model-version", "2.1.0", "--demonstration"])
            try #require(trained.code == 0, "\(trained.errors)")
            #expect(trained.lines.last?.hasSuffix("run/package") == true)
            #expect(try training.epochs(in: "run") == [1, 2, 3])
            #expect(try place.text("run/curves.svg").hasPrefix("<svg"))
            let configuration = try Place.object(Data(contentsOf: place.url("run/configuration.json")))
            #expect(configuration["seed"] as? Int == 7)
            #expect(configuration["epochs"] as? Int == 3)
            for name in ["model.onnx", "model.json", "MODEL_CARD.md", "metrics.json", "parameters.safetensors"] {
                #expect(place.exists("run/package/\(name)"), "\(name)")
            }
            let images = try place.files(below: "drawn").map { "drawn/\($0)" }
            let predicted = try await Program.leukoscope.run(
                ["predict", "--json", "--model", "run/package"] + images, in: place.folder)
            try #require(predicted.code == 0, "\(predicted.errors)")
            #expect(predicted.lines.count == 24)
            let answer = try Place.object(try #require(predicted.lines.first))
            #expect((answer["model"] as? [String: String]) == ["name": "drawn", "version": "2.1.0"])
            #expect(answer["notice"] != nil)
        }
    }

    @Test func `a training that was killed goes on to the weights of an unbroken one`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 30)
            let run = try await training.start(out: "killed", until: 2)
            run.send(SIGKILL)
            #expect(try await run.outcome().code == 128 + SIGKILL)
            try #require(!place.exists("killed/package"), "the training had ended before it was killed")
            let kept = try training.epochs(in: "killed").count
            #expect(kept < 30)
            let resumed = try await training.train(out: "killed", ["--resume"])
            try #require(resumed.code == 0, "\(resumed.errors)")
            // One more epoch may have been kept between the last look and the kill.
            #expect(resumed.errors.contains("going on after epoch"))
            let unbroken = try await training.train(out: "unbroken")
            try #require(unbroken.code == 0, "\(unbroken.errors)")
            #expect(try training.epochs(in: "killed") == Array(1...30))
            #expect(try training.weights(of: "killed") == training.weights(of: "unbroken"))
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `an interrupted training ends with 130 and can go on`(signal: Int32) async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 30)
            let run = try await training.start(out: "run", until: 1)
            run.send(signal)
            let interrupted = try await run.outcome()
            #expect(interrupted.code == 130)
            #expect(interrupted.errors.contains("--resume"))
            try #require(!place.exists("run/package"))
            let kept = try training.epochs(in: "run")
            let resumed = try await training.train(out: "run", ["--resume"])
            try #require(resumed.code == 0, "\(resumed.errors)")
            #expect(resumed.errors.contains("going on after epoch \(kept.count)"))
            #expect(try training.epochs(in: "run") == Array(1...30))
        }
    }

    @Test func `a run that exists is neither overwritten nor resumed with another recipe`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place)
            #expect(try await training.train(out: "run").code == 0)
            let weights = try training.weights(of: "run")
            let configuration = try place.text("run/configuration.json")
            let again = try await training.train(out: "run", ["--seed", "8"])
            #expect(again.code == 65)
            #expect(again.errors.contains("--resume"))
            let other = try await training.train(out: "run", ["--seed", "8", "--resume"])
            #expect(other.code == 65)
            #expect(other.errors.contains("another configuration"))
            #expect(try place.text("run/configuration.json") == configuration)
            #expect(try training.weights(of: "run") == weights)
            let finished = try await training.train(out: "run", ["--resume"])
            #expect(finished.code == 0, "\(finished.errors)")
            #expect(try training.weights(of: "run") == weights)
        }
    }

    @Test func `no package is made of a training that came to nothing, unless somebody says why`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            try FileManager.default.removeItem(at: place.url("drawn/Pro"))
            let plain = [
                "train", "--data", "drawn", "--config", "config.json", "--epochs", "1", "--out", "run", "--source",
                "source.md",
            ]
            try place.write(Data("Drawn for a test.\n".utf8), to: "source.md")
            let refused = try await Program.lab.run(plain, in: place.folder)
            #expect(refused.code == 65)
            #expect(refused.errors.contains("class pro-b has no image to learn from"), "\(refused.errors)")
            #expect(!place.exists("run"))
            let hasty = try await Program.lab.run(plain + ["--despite", "x"], in: place.folder)
            #expect(hasty.code == 64)
            let released = try await training.train(out: "run", ["--source", "source.md"])
            try #require(released.code == 0, "\(released.errors)")
            #expect(released.errors.contains("warning: class pro-b"))
            let card = try place.text("run/package/MODEL_CARD.md")
            #expect(card.contains("It was released all the same: a training of seconds"))
            #expect(card.contains("18 images (6 `benign`, 6 `early-pre-b`, 6 `pre-b`, 0 `pro-b`)"))
            #expect(card.contains("Drawn for a test.") && !card.contains("Taleqani"))
        }
    }

    @Test func `an unknown key of the configuration is refused with the list of keys`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, extra: ["learningrate": 0.1])
            let outcome = try await training.train(out: "run")
            #expect(outcome.code == 64)
            for word in ["config.json", "\"learningrate\"", "learningRate", "weightDecay", "warmUpEpochs"] {
                #expect(outcome.errors.contains(word), "\(word)")
            }
            #expect(!place.exists("run"))
        }
    }

    @Test(arguments: [
        ("architecture", "resnet-1000"), ("epochs", "0"), ("epochs", "many"), ("data", "nowhere"),
        ("config", "nowhere.json"), ("cross-validation", "nowhere.json"), ("cross-validation", "config.json"),
    ])
    func `an option that cannot work says so`(option: String, value: String) async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place)
            let outcome = try await training.train(out: "run", ["--\(option)", value])
            #expect(outcome.code == (["data", "cross-validation"].contains(option) ? 65 : 64))
            #expect(outcome.errors.contains(option == "epochs" ? "epochs" : value))
            #expect(!place.exists("run"))
        }
    }
}
