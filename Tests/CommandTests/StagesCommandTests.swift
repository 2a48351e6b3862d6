import Foundation
import Testing

@Suite(.serialized) struct StagesCommandTests {
    private static let release = Place.fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Models/demonstration")

    @Test func `a package without stages gets those of the repository's, and stays valid`() async throws {
        try await Place.lend { place in
            try FileManager.default.copyItem(at: Self.release, to: place.url("package"))
            let original = try place.text("package/model.json")
            try place.edit("package/model.json") { json in
                var outputs = try #require(json["outputs"] as? [String: Any])
                outputs["stages"] = nil
                json["outputs"] = outputs
            }
            let outcome = try await Program.lab.run(["stages", "package"], in: place.folder)
            try #require(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.lines.map { $0.prefix { $0 != ":" } } == ["early", "middle", "last"])
            #expect(try place.text("package/model.json") == original)
        }
    }

    @Test func `what is no package is refused`() async throws {
        try await Place.lend { place in
            let outcome = try await Program.lab.run(["stages", "nowhere"], in: place.folder)
            #expect(outcome.code == 65, "\(outcome.errors)")
        }
    }
}
