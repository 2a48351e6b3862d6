import Foundation
import Testing

@Suite(.serialized) struct RunsCommandTests {
    @Test func `runs are inferred into tables and manifests, checked and shown`() async throws {
        try await Place.lend { place in
            try await place.draw(96, side: 72, into: "drawn")
            func lab(_ arguments: [String]) async throws -> ProgramRun.Outcome {
                let outcome = try await Program.lab.run(arguments, in: place.folder)
                try #require(outcome.code == 0, "\(outcome.errors)")
                return outcome
            }
            let found = try await lab([
                "runs", "infer", "--data", "drawn", "--out", "runs.tsv", "--out", "manifest.csv",
            ])
            #expect(found.output.contains("images (") && found.output.contains("are assigned to"))
            let table = try place.text("runs.tsv").split(separator: "\n")
            #expect(table.count == 1 + 96 && table[0] == "file\trun")
            #expect(try place.text("manifest.csv").prefix(200).contains(",fold,run"))

            let checked = try await lab([
                "runs", "check", "--data", "drawn", "--runs", "runs.tsv", "--compare", "same=runs.tsv", "--trials", "2",
                "--json", "check.json",
            ])
            #expect(checked.output.contains("| same | 1.000 |") && checked.output.contains("| lag 1 |"))
            let report = try Place.object(Data(contentsOf: place.url("check.json")))
            #expect((report["stability"] as? [String: Any])?["halvesMean"] as? Double != nil)

            let sheets = try await lab(["runs", "sheets", "--data", "drawn", "--runs", "runs.tsv", "--out", "sheets"])
            #expect(sheets.output.contains("sheets"))
            #expect(try place.files(below: "sheets").contains("index.tsv"))
        }
    }

    @Test(
        arguments: [
            (["infer", "--data", "drawn"], 64, "--out"),
            (["check", "--data", "drawn"], 65, "--runs"),
            (["check", "--data", "drawn", "--compare", "series"], 64, "NAME=TABLE"),
            (["sheets", "--data", "drawn", "--runs", "wrong.tsv", "--out", "sheets"], 65, "not in the folder"),
        ])
    func `wrong usage is told`(arguments: [String], code: Int32, words: String) async throws {
        try await Place.lend { place in
            try await place.draw(4, side: 72, into: "drawn")
            try place.write(Data("file\trun\nmoon.png\ta\n".utf8), to: "wrong.tsv")
            let outcome = try await Program.lab.run(["runs"] + arguments, in: place.folder)
            #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}
