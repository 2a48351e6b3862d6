import Foundation
import Imaging
import Testing

/// A temporary folder with what the programs are given.
struct Place {
    let folder: URL

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")
    /// The small real network of Scripts/make_inference_fixture.py.
    static let tinyPackage = fixtures.appendingPathComponent("inference/tiny-package")
    /// The model of drawn smears that the project ships.
    static let demonstration = fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Models/demonstration")
    /// An image that the tiny network knows, by class key.
    static func tinyImage(_ key: String) -> URL { fixtures.appendingPathComponent("inference/\(key).png") }

    /// Lends a folder that is removed afterwards.
    static func lend<Value>(_ body: (Place) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
        }
        return try await body(Place(folder: folder))
    }

    func url(_ path: String) -> URL { folder.appendingPathComponent(path) }

    /// Writes a file, with the folders above it.
    func write(_ data: Data, to path: String) throws {
        try FileManager.default.createDirectory(
            at: url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url(path))
    }

    /// Copies a file, with the folders above its new place.
    func copy(_ source: URL, to path: String) throws { try write(Data(contentsOf: source), to: path) }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path) }

    func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    /// Files below a folder, as paths from it, in order.
    func files(below path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: url(path).path).sorted().filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: url(path).appendingPathComponent(name).path, isDirectory: &isFolder)
                && !isFolder.boolValue
        }
    }

    /// A copy of the tiny package.
    func copyTinyPackage(to path: String) throws {
        try FileManager.default.copyItem(at: Self.tinyPackage, to: url(path))
    }

    /// Changes a file of JSON.
    func edit(_ path: String, _ change: (inout [String: Any]) throws -> Void) throws {
        var object = try Self.object(Data(contentsOf: url(path)))
        try change(&object)
        try write(JSONSerialization.data(withJSONObject: object), to: path)
    }

    static func object(_ data: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    static func object(_ line: String) throws -> [String: Any] { try object(Data(line.utf8)) }

    /// Drawn smears in folders named after the classes, by the program itself.
    func draw(_ count: Int, side: Int, into path: String, first: Int = 0) async throws {
        let drawn = try await Program.lab.run(
            ["draw", "--count", "\(count)", "--side", "\(side)", "--into", path, "--first", "\(first)"], in: folder)
        try #require(drawn.code == 0, "\(drawn.errors)")
    }

    /// The bad files that a laboratory may send, by name, with the code that each is answered with.
    static func badFiles() throws -> [(name: String, data: Data, code: String)] {
        let photograph = try Data(contentsOf: fixtures.appendingPathComponent("images/plain.jpg"))
        var giant = try Data(contentsOf: fixtures.appendingPathComponent("images/plain.png"))
        let side: [UInt8] = [0, 0, 0xEA, 0x60]  // 60,000
        giant.replaceSubrange(16..<24, with: side + side)
        let pixel = RGBImage(width: 1, height: 1, pixels: [255, 0, 0])
        return [
            ("truncated.jpg", photograph.prefix(photograph.count / 2), "truncated"),
            ("text.jpg", Data("This is a letter, saved as smear.jpg".utf8), "unknownFormat"),
            ("nothing.jpg", Data(), "empty"),
            ("pixel.png", Data(try ImageEncoder.png(pixel)), "tooSmall"),
            ("giant.png", giant, "tooManyPixels"),
            (
                "animated.webp", try Data(contentsOf: fixtures.appendingPathComponent("images/animated.webp")),
                "unsupported"
            ),
        ]
    }
}
