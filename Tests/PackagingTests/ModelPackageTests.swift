import Foundation
import Imaging
import Packaging
import Tensors
import Testing

@Suite struct ModelPackageTests {
    @Test func `loads a whole package`() throws {
        let package = try ModelPackage(directory: TinyPackage.directory)
        #expect(package.description.name == "tiny")
        #expect(package.description.classKeys == ["benign", "early-pre-b", "pre-b", "pro-b"])
        #expect(package.description.calibration.temperature == 1.5)
        #expect(package.description.createdAt == Date(timeIntervalSince1970: 1_767_323_045))
        #expect(package.classifierWeight.shape == [4, 16])
        #expect(package.classifierBias.shape == [4])
        #expect(package.centroids.shape == [4, 16])
        #expect(package.pipeline.outputWidth == 32)
    }

    @Test(arguments: ["model.json", "model.onnx", "parameters.safetensors", "MODEL_CARD.md", "metrics.json"])
    func `refuses a package without a file`(_ name: String) throws {
        try TinyPackage.withCopy { copy in
            try FileManager.default.removeItem(at: copy.appendingPathComponent(name))
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .missingFile)
            #expect(error.path.hasSuffix(name))
        }
    }

    @Test(arguments: ["model.onnx", "parameters.safetensors"])
    func `refuses a file with one changed bit`(_ name: String) throws {
        try TinyPackage.withCopy { copy in
            let url = copy.appendingPathComponent(name)
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: url)
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongChecksum)
            #expect(error.path.hasSuffix(name))
            #expect(error.expected != error.actual)
        }
    }

    @Test func `refuses a missing class`() throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var classes = try #require(json["classes"] as? [Any])
                classes.remove(at: 2)
                json["classes"] = classes
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongClasses)
            #expect(error.actual == "benign, early-pre-b, pro-b")
        }
    }

    @Test func `refuses classes in another order and twice`() throws {
        for order in [[1, 0, 2, 3], [0, 1, 2, 2]] {
            try TinyPackage.withCopy { copy in
                try TinyPackage.edit(copy) { json in
                    let classes = try #require(json["classes"] as? [Any])
                    json["classes"] = order.map { classes[$0] }
                }
                let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
                #expect(error.code == .wrongClasses)
            }
        }
    }

    @Test func `refuses an unknown format version even when nothing else is understood`() throws {
        try TinyPackage.withCopy { copy in
            try Data(#"{"formatVersion": 4, "somethingNew": true}"#.utf8)
                .write(to: copy.appendingPathComponent("model.json"))
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .unsupportedFormatVersion)
            #expect(error.actual == "format 4")
        }
    }

    @Test(arguments: ["", "no JSON", "{}", "[1,2]", #"{"formatVersion": 1}"#])
    func `refuses garbage instead of a description`(_ text: String) throws {
        try TinyPackage.withCopy { copy in
            try Data(text.utf8).write(to: copy.appendingPathComponent("model.json"))
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .malformed)
        }
    }

    @Test func `refuses another embedding size than the tensors have`() throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var outputs = try #require(json["outputs"] as? [String: Any])
                outputs["embeddingSize"] = 17
                json["outputs"] = outputs
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongShape)
            #expect(error.expected == "[4, 17]")
            #expect(error.actual == "[4, 16]")
        }
    }

    @Test func `refuses preprocessing without normalize`() throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                json["preprocessing"] = [["step": "resize", "width": 32, "height": 32]]
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongPreprocessing)
        }
    }

    @Test func `refuses preprocessing that ends in another size`() throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var steps = try #require(json["preprocessing"] as? [[String: Any]])
                steps[0]["width"] = 48
                json["preprocessing"] = steps
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongPreprocessing)
            #expect(error.actual == "48x32")
        }
    }

    @Test(arguments: [
        ("calibration", "temperature", 0.0), ("conformal", "coverage", 1.5), ("novelty", "threshold", -1),
    ])
    func `refuses numbers out of range`(_ part: String, _ field: String, _ value: Double) throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var object = try #require(json[part] as? [String: Any])
                object[field] = value
                json[part] = object
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .invalidValue)
            #expect(error.message.contains("\(part).\(field)"))
        }
    }

    /// The tiny package refuses above 0.02.
    @Test(arguments: [
        (3, -0.001, "0.0 to 0.02"), (3, 0.021, "0.0 to 0.02"), (2, 0.01, "format 3"), (1, 0.01, "format 3"),
    ])
    func `refuses a limit for benign above that of refusal, or in a format whose readers pass over it`(
        _ format: Int, _ limit: Double, _ expected: String
    ) throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var novelty = try #require(json["novelty"] as? [String: Any])
                novelty["benignThreshold"] = limit
                (json["novelty"], json["formatVersion"]) = (novelty, format)
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .invalidValue && error.message.contains("novelty.benignThreshold"))
            #expect(error.expected == expected)
        }
    }

    @Test(arguments: ["../outside", "/etc/hostname", ".hidden", ""])
    func `refuses files outside the package`(_ name: String) throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in
                var files = try #require(json["files"] as? [String: Any])
                files[name] = String(repeating: "0", count: 64)
                json["files"] = files
            }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .malformed)
        }
    }

    @Test func `refuses a missing checksum`() throws {
        try TinyPackage.withCopy { copy in
            try TinyPackage.edit(copy) { json in json["files"] = [String: String]() }
            let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: copy) }
            #expect(error.code == .wrongChecksum)
        }
    }
}

@Suite struct ModelStagesTests {
    private func write(_ stages: [ModelDescription.Stage]) throws -> [ModelDescription.Stage]? {
        let original = try ModelPackage(directory: TinyPackage.directory)
        var description = original.description
        description.outputs.stages = stages
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }  // a leftover temporary folder harms nothing
        return try ModelPackage.write(
            description, onnx: original.networkURL,
            parameters: Safetensors.read(original.directory.appendingPathComponent("parameters.safetensors")),
            card: "", metrics: Data("{}".utf8), to: place
        ).description.outputs.stages
    }

    @Test func `come back as they were written, and may be missing`() throws {
        let stages = [ModelDescription.Stage(name: "early", tensor: "a.b", channels: 3, width: 4, height: 5)]
        #expect(try write(stages) == stages)
        #expect(try ModelPackage(directory: TinyPackage.directory).description.outputs.stages == nil)
    }

    @Test func `are refused without tensor, twice of a name, out of size or in great number`() throws {
        func stage(_ name: String, _ tensor: String = "t", channels: Int = 1) -> ModelDescription.Stage {
            ModelDescription.Stage(name: name, tensor: tensor, channels: channels, width: 2, height: 2)
        }
        for stages in [
            [stage("early", "")], [stage("", "t")], [stage("early"), stage("early")], [stage("early", channels: 0)],
            [stage("early", channels: 8193)], (0..<9).map { stage("s\($0)") },
        ] {
            let error = #expect(throws: PackagingError.self) { try write(stages) }
            #expect(error?.code == .invalidValue)
        }
    }
}
