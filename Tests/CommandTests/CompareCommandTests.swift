import Foundation
import Testing

@Suite struct CompareCommandTests {
    @Test func `writes results and table, and keeps what is finished`() async throws {
        try await Place.lend { place in
            try await place.draw(32, side: 72, into: "drawn")
            func compare(_ more: [String]) async throws -> ProgramRun.Outcome {
                try await Program.lab.run(
                    [
                        "compare", "--data", "drawn", "--folds", "2", "--out", "runs", "--methods", "colour-stacking",
                        "--table", "table.md", "--json", "results.json",
                    ] + more, in: place.folder)
            }
            let first = try await compare([])
            try #require(first.code == 0, "\(first.errors)")
            let results = try Place.object(Data(contentsOf: place.url("results.json")))
            #expect(results["folds"] as? [Int] == [1, 2] && results["images"] as? Int == 32)
            let methods = try #require(results["methods"] as? [[String: Any]])
            #expect(methods.compactMap { $0["name"] as? String } == ["colour-stacking"])
            #expect((methods[0]["mean"] as? [String: Double])?["macroF1"] != nil)
            let table = try place.text("table.md")
            #expect(table.hasPrefix("# Methods side by side\n") && table.contains("| `colour-stacking` | "))
            #expect(!table.contains(place.folder.path))

            let written = try Data(contentsOf: place.url("results.json"))
            let again = try await compare([])
            #expect(again.code == 0 && !again.errors.contains("stacking, part"))
            #expect(try Data(contentsOf: place.url("results.json")) == written)
        }
    }

    @Test(arguments: [
        ["--split", "series"], ["--methods", "luck", "--folds", "2"], ["--folds", "1"], ["--only", "9"],
        ["--finished", "small-cnn"],
    ])
    func `what cannot be compared is wrong usage`(options: [String]) async throws {
        try await Place.lend { place in
            try await place.draw(32, side: 72, into: "drawn")
            let outcome = try await Program.lab.run(
                ["compare", "--data", "drawn", "--out", "runs"] + options, in: place.folder)
            #expect(outcome.code == 64, "\(outcome.errors)")
        }
    }
}
