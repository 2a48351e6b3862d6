import Foundation
import Testing

/// What `predict` says to a model package that cannot be trusted.
@Suite struct ModelPackageProblemTests {
    private func expectRefusal(
        of package: String, in place: Place, says words: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await Program.leukoscope.run(
            ["predict", "--json", "--model", package, Place.tinyImage("benign").path], in: place.folder)
        #expect(outcome.code == 69, sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        for word in words { #expect(outcome.errors.contains(word), sourceLocation: sourceLocation) }
    }

    @Test func `a package that is not there`() async throws {
        try await Place.lend { place in
            try await expectRefusal(of: "nowhere", in: place, says: ["the model cannot be used", "nowhere"])
        }
    }

    @Test(arguments: ["model.onnx", "parameters.safetensors"])
    func `a package with a changed file`(name: String) async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            var bytes = try Data(contentsOf: place.url("model/\(name)"))
            bytes[bytes.count - 1] ^= 1
            try place.write(bytes, to: "model/\(name)")
            try await expectRefusal(of: "model", in: place, says: [name, "SHA-256"])
        }
    }

    @Test func `a package without one of the classes`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            try place.edit("model/model.json") { json in
                var classes = try #require(json["classes"] as? [Any])
                classes.remove(at: 2)
                json["classes"] = classes
            }
            try await expectRefusal(of: "model", in: place, says: ["benign, early-pre-b, pro-b"])
        }
    }

    @Test func `a package whose tensors have another shape`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            try place.edit("model/model.json") { json in
                var outputs = try #require(json["outputs"] as? [String: Any])
                outputs["embeddingSize"] = 17
                json["outputs"] = outputs
            }
            try await expectRefusal(of: "model", in: place, says: ["[4, 17]", "[4, 16]"])
        }
    }

    @Test func `a package whose network takes another image`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            try place.edit("model/model.json") { json in
                var outputs = try #require(json["outputs"] as? [String: Any])
                outputs["featureMapWidth"] = 9
                json["outputs"] = outputs
            }
            try await expectRefusal(of: "model", in: place, says: ["the model cannot be used"])
        }
    }

    @Test func `a package without its description`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            try FileManager.default.removeItem(at: place.url("model/model.json"))
            try await expectRefusal(of: "model", in: place, says: ["model.json"])
        }
    }
}
