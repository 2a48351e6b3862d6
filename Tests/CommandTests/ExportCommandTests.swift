import Crypto
import Foundation
import Testing

@Suite(.serialized) struct ExportCommandTests {
    private func export(_ options: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.lab.run(
            ["export", "--architecture", "small-cnn", "--side", "64", "--out", "network.onnx"] + options,
            in: place.folder)
    }

    @Test func `the checkpoint of a run is written as the network of its package`() async throws {
        try await Place.lend { place in
            let training = try await SmallTraining(place, epochs: 1)
            #expect(try await training.train(out: "run").code == 0)
            let exported = try await export(["--weights", "run/checkpoint.safetensors"], in: place)
            try #require(exported.code == 0, "\(exported.errors)")
            #expect(exported.lines == ["network.onnx"])
            let network = try Data(contentsOf: place.url("network.onnx"))
            for name in ["image", "logits", "embedding", "features"] {
                #expect(network.range(of: Data(name.utf8)) != nil, "\(name)")
            }
            // The network serves in the place of the package's own.
            try FileManager.default.copyItem(at: place.url("run/package"), to: place.url("exchanged"))
            try place.copy(place.url("network.onnx"), to: "exchanged/model.onnx")
            let digest = SHA256.hash(data: network).map { String(format: "%02x", $0) }.joined()
            try place.edit("exchanged/model.json") { json in
                var files = try #require(json["files"] as? [String: String])
                files["model.onnx"] = digest
                json["files"] = files
            }
            let own = try await probabilities("run/package", in: place)
            let exchanged = try await probabilities("exchanged", in: place)
            #expect(own.count == 24 && exchanged.count == 24)
            for (own, exchanged) in zip(own, exchanged) {
                #expect(own.count == 4)
                for (key, probability) in own { #expect(abs(probability - (exchanged[key] ?? -1)) < 1e-6) }
            }
        }
    }

    @Test func `help and refusal name the same networks`() async throws {
        try await Place.lend { place in
            func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            let refusal = try await Program.lab.run(
                ["export", "--architecture", "vgg-16", "--weights", "w", "--out", "network.onnx"], in: place.folder)
            #expect(refusal.code == 64)
            let list = /"vgg-16"; there are ([a-z0-9-]+(?:, [a-z0-9-]+)*)/
            let names = try #require(words(refusal.errors).firstMatch(of: list)?.1)
            #expect(names.contains("googlenet") && names.contains("se-resnet-18") && names.contains("mobilenet-v2"))
            for command in ["train", "cross-validate", "export"] {
                let help = try await Program.lab.run([command, "--help"], in: place.folder)
                #expect(words(help.output).contains("one of \(names)."), "\(command)")
            }
        }
    }

    /// What a package answers to the drawn images.
    private func probabilities(_ package: String, in place: Place) async throws -> [[String: Double]] {
        let images = try place.files(below: "drawn").map { "drawn/\($0)" }
        let outcome = try await Program.leukoscope.run(
            ["predict", "--json", "--model", package] + images, in: place.folder)
        try #require(outcome.code == 0, "\(outcome.errors)")
        return try outcome.lines.map { try #require(try Place.object($0)["probabilities"] as? [String: Double]) }
    }

    @Test func `weights of another network are refused by name`() async throws {
        try await Place.lend { place in
            let parameters = Place.tinyPackage.appendingPathComponent("parameters.safetensors").path
            let outcome = try await export(["--weights", parameters], in: place)
            #expect(outcome.code == 65)
            #expect(!place.exists("network.onnx"))
            #expect(try await export(["--weights", "nowhere.safetensors"], in: place).code == 65)
            #expect(try await export(["--weights", parameters, "--side", "8"], in: place).code == 64)
        }
    }
}
