import Foundation
import Packaging
import Testing

/// The small real network of Scripts/make_inference_fixture.py, and throw-away copies of it to break.
enum TinyPackage {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/inference")
    static let directory = fixtures.appendingPathComponent("tiny-package")

    /// Lends a temporary directory that is removed afterwards.
    static func withTemporaryDirectory<Value>(_ body: (URL) throws -> Value) throws -> Value {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        return try body(place)
    }

    /// Lends a copy of the package.
    static func withCopy<Value>(_ body: (URL) throws -> Value) throws -> Value {
        try withTemporaryDirectory { place in
            let copy = place.appendingPathComponent("model")
            try FileManager.default.copyItem(at: directory, to: copy)
            return try body(copy)
        }
    }

    /// Changes `model.json` of a package as parsed JSON.
    static func edit(_ package: URL, _ change: (inout [String: Any]) throws -> Void) throws {
        let url = package.appendingPathComponent("model.json")
        let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        var object = try #require(parsed as? [String: Any])
        try change(&object)
        try JSONSerialization.data(withJSONObject: object).write(to: url)
    }
}
