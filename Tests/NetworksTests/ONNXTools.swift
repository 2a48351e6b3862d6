import Foundation
import Tensors

/// Runs `Scripts/check_onnx.py`: the ONNX checker, and OpenVINO in 32 bits.
enum ONNXTools {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let environment = ProcessInfo.processInfo.environment
    static let dependencies =
        environment["LEUKOSCOPE_DEPS"].map { URL(filePath: $0) } ?? root.appending(path: ".deps")
    static let unavailable = "the Python packages onnx, openvino, numpy and safetensors are not in .deps/python"

    /// Whether bootstrap has unpacked the packages.
    static let areAvailable = ["onnx", "openvino", "numpy", "safetensors", "ml_dtypes", "google/protobuf"]
        .allSatisfy { exists("python/\($0)") }

    /// Whether a file or folder is among the dependencies.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: dependencies.appending(path: path).path)
    }

    /// What the script prints.
    struct Facts: Decodable {
        let opset: Int
        let operators: [String]
        let outputs: [String: [Dimension]]
        let metadata: [String: String]
    }

    /// A length, or the name of a free axis.
    enum Dimension: Decodable, Equatable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
        case length(Int)
        case free(String)

        init(integerLiteral value: Int) { self = .length(value) }
        init(stringLiteral value: String) { self = .free(value) }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do {
                self = .length(try container.decode(Int.self))
            } catch DecodingError.typeMismatch {
                self = .free(try container.decode(String.self))
            }
        }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Checks a model and computes its results for an image `[N, C, H, W]`.
    static func run(model: [UInt8], image: Tensor) async throws -> (facts: Facts, results: [String: Tensor]) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "onnx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let result: Result<(facts: Facts, results: [String: Tensor]), any Error>
        do {
            result = .success(try await run(model: model, image: image, in: folder))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: folder)
        return try result.get()
    }

    private static func run(
        model: [UInt8], image: Tensor, in folder: URL
    ) async throws -> (facts: Facts, results: [String: Tensor]) {
        let paths = ["model.onnx", "input.safetensors", "output.safetensors"].map { folder.appending(path: $0) }
        let (log, output) = (folder.appending(path: "log"), folder.appending(path: "facts.json"))
        try Data(model).write(to: paths[0])
        try Safetensors.write(["image": image], to: paths[1])
        try Data().write(to: log)
        try Data().write(to: output)

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            [environment["LEUKOSCOPE_PYTHON"] ?? "python3", root.appending(path: "Scripts/check_onnx.py").path]
            + paths.map(\.path)
        process.environment = environment.merging(
            ["PYTHONPATH": dependencies.appending(path: "python").path, "PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: log)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        guard status == 0 else {
            throw Failure(description: String(decoding: try Data(contentsOf: log), as: UTF8.self))
        }
        return (
            try JSONDecoder().decode(Facts.self, from: Data(contentsOf: output)), try Safetensors.read(paths[2])
        )
    }
}
