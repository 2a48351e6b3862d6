import Foundation
import Testing

@Suite struct VerdictCommandTests {
    /// Answers of two runs with leukaemia and two without; of the first of these one in twenty is wrong.
    private static var table: String {
        let head = "file\tclass\trun\tpart\tdecision\talone\tanswer\tcells\tblastLike\thighest\tarea\n"
        let rows = (0..<80).map { place -> String in
            let (run, isIll) = (place / 20, place / 40 == 0)
            let answer = isIll || place == 40 ? "pre-b" : "benign"
            return
                "\(place).png\t\(isIll ? "pre-b" : "benign")\trun-\(run)\theld-out\treport\treport\t\(answer)\t\t\t\t\n"
        }
        return head + rows.joined()
    }

    @Test func `a rule is fitted into a package and held against one report`() async throws {
        try await Place.lend { place in
            try place.copyTinyPackage(to: "model")
            try place.write(Data(Self.table.utf8), to: "answers.tsv")
            func verdict(_ arguments: [String]) async throws -> ProgramRun.Outcome {
                try await Program.lab.run(["verdict"] + arguments, in: place.folder)
            }
            let simulation = [
                "simulate", "--answers", "ours=answers.tsv", "--model", "model", "--json", "verdict.json",
            ]
            #expect(try await verdict(simulation).code == 65)
            let fit = try await verdict(["fit", "--answers", "answers.tsv", "--model", "model", "--sets", "400"])
            try #require(fit.code == 0, "\(fit.errors)")
            #expect(fit.lines.count == 21 && fit.lines[10].hasPrefix("10 2 "), "\(fit.lines)")
            let simulated = try await verdict(simulation + ["--sets", "400"])
            try #require(simulated.code == 0, "\(simulated.errors)")
            let results = try Place.object(Data(contentsOf: place.url("verdict.json")))
            #expect((results["sources"] as? [[String: Any]])?.count == 2)
            let broken = try await verdict(["fit", "--answers", "verdict.json", "--model", "model"])
            #expect(broken.code == 65)
        }
    }

    @Test func `what a package answers to drawn smears is a table that can be fitted`() async throws {
        try await Place.lend { place in
            try await place.draw(8, side: 72, into: "drawn")
            try place.copyTinyPackage(to: "model")
            let read = try await Program.lab.run(
                ["verdict", "read", "--data", "drawn", "--model", "model", "--out", "answers.tsv"], in: place.folder)
            try #require(read.code == 0, "\(read.errors)")
            let lines = try place.text("answers.tsv").split(separator: "\n")
            #expect(lines.count == 9 && lines[1].split(separator: "\t")[1] == lines[1].split(separator: "\t")[2])
            #expect(lines.dropFirst().allSatisfy { $0.contains("\theld-out\t") })
        }
    }
}
