import Foundation
import Hummingbird
import HummingbirdTesting
import Imaging
import Logging
import Packaging
import Randomness
import Screening
import Web

/// The server over the tiny fixture network, with the package's settings changed as a test needs them.
enum TestSite {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")
    static let tinyPackage = fixtures.appending(path: "inference/tiny-package")

    /// A screener over a copy of the fixture package.
    ///
    /// - Parameter change: Changes `model.json`.
    static func screener(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> Screener {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-web-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: tinyPackage, to: directory)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "model.json")
        guard var description = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] else {
            throw WebError(.resource, "The fixture's model.json is no object.")
        }
        change(&description)
        try JSONSerialization.data(withJSONObject: description).write(to: file)
        return try Screener(package: ModelPackage(directory: directory))
    }

    /// Settings under which the network gives one kind of answer to everything.
    static func screener(answering decision: Decision, label: String = "benign") throws -> Screener {
        try screener { description in
            let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]
            description["novelty"] = ["method": "centroid-cosine", "threshold": decision == .rejected ? 0 : 2]
            description["quality"] = decision == .rejected ? ["minimumSharpness": 1e9] : [String: Any]()
            description["decision"] = ["minimumConfidence": 0]
            // A class is possible when its probability is at least 1 − threshold.
            let thresholds = keys.map { decision == .uncertain || $0 == label ? 1.0 : 0.0 }
            description["conformal"] = [
                "coverage": 0.9, "thresholds": Dictionary(uniqueKeysWithValues: zip(keys, thresholds)),
            ]
        }
    }

    /// Runs requests against a server.
    static func run<Value: Sendable>(
        release: Screener? = nil, demonstration: Screener? = nil, queue: ScreeningQueue? = nil,
        setting: TestingSetup = .router, configure: (inout WebConfiguration) -> Void = { _ in },
        _ test: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        var configuration = WebConfiguration()
        configuration.port = 0
        configuration.imagesPerBurst = 1000
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let application = try await buildApplication(
            configuration: configuration, release: release ?? screener(), demonstration: demonstration, queue: queue,
            logger: logger)
        return try await application.test(setting, test)
    }

    /// A form with one image, as a browser sends it.
    static func form(_ image: [UInt8], field: String = "image") -> ByteBuffer {
        var body = ByteBuffer(
            string: "--edge\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"smear.png\"\r\n"
                + "Content-Type: image/png\r\n\r\n")
        body.writeBytes(image)
        body.writeString("\r\n--edge--\r\n")
        return body
    }

    static let formHeaders: HTTPFields = [.contentType: "multipart/form-data; boundary=edge"]

    /// A PNG of coloured noise.
    static func picture(side: Int = 64, seed: UInt64 = 7) throws -> [UInt8] {
        var random = SplitMix64(seed: seed)
        let pixels = (0..<side * side * 3).map { _ in UInt8.random(in: 90...230, using: &random) }
        return try ImageEncoder.png(RGBImage(width: side, height: side, pixels: pixels))
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: fixtures.appending(path: "images/\(name)")))
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The body as a JSON object.
    func object() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any] else {
            throw WebError(.malformedRequest, "The answer is no JSON object.")
        }
        return object
    }
}
