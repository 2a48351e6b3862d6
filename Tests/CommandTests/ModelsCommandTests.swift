import Foundation
import Testing

@Suite struct ModelsCommandTests {
    private func models(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(
            ["models"] + arguments + ["--data-dir", "data", "--model", "shipped"], in: place.folder)
    }

    private func makePackage(_ folder: String, version: String, macroF1: Double, in place: Place) throws {
        try place.copyTinyPackage(to: folder)
        try place.edit("\(folder)/model.json") { description in
            description["version"] = version
            description["demonstration"] = false
        }
        let metrics = """
            {"crossValidation": {"split": "blocks", "manifestSHA256": "ab", "folds": [],
             "pooled": {"images": 500, "macroF1": \(macroF1), "malignantSensitivity": 0.99}}}
            """
        try place.write(Data(metrics.utf8), to: "\(folder)/metrics.json")
    }

    @Test func `a package is installed, activated, rolled back and removed`() async throws {
        try await Place.lend { place in
            try makePackage("shipped", version: "1.0.0", macroF1: 0.95, in: place)
            try makePackage("better", version: "2.0.0", macroF1: 0.96, in: place)
            let installed = try await models(["install", "better"], in: place)
            #expect(installed.code == 0, "\(installed.errors)")
            let id = try #require(installed.lines.first)
            #expect(id.count == 22)
            let activated = try await models(["activate", id, "--reason", "better figures"], in: place)
            #expect(activated.code == 0, "\(activated.errors)")
            let list = try await models(["list"], in: place)
            #expect(list.lines.map { $0.split(separator: "\t")[1] } == ["active", "installed"])
            #expect(try await models(["remove", id], in: place).code == 64)
            #expect(try await models(["activate", "shipped", "--reason", "back"], in: place).code == 0)
            #expect(try await models(["remove", id], in: place).code == 0)
            #expect(try await models(["list"], in: place).lines.count == 1)
        }
    }

    @Test func `a worse or broken package is refused with the reason, unless one is given`() async throws {
        try await Place.lend { place in
            try makePackage("shipped", version: "1.0.0", macroF1: 0.95, in: place)
            try makePackage("worse", version: "2.0.0", macroF1: 0.9, in: place)
            let refused = try await models(["install", "worse"], in: place)
            #expect(refused.code == 65)
            #expect(refused.errors.contains("0.9000"))
            #expect(refused.errors.contains("0.9500"))
            let hasty = try await models(["install", "worse", "--despite-metrics", "x"], in: place)
            #expect(hasty.code == 64)
            let taken = try await models(
                ["install", "worse", "--despite-metrics", "other microscope"], in: place)
            #expect(taken.code == 0, "\(taken.errors)")
            let id = try #require(taken.lines.first)
            let activated = try await models(["activate", id, "--reason", "other microscope"], in: place)
            #expect(activated.code == 0 && activated.errors.contains("Warning"), "\(activated.errors)")
            #expect(activated.errors.contains("0.9000"))
            let back = try await models(["activate", "shipped", "--reason", "back again"], in: place)
            #expect(back.code == 0 && !back.errors.contains("Warning"), "\(back.errors)")
            try place.write(Data("{".utf8), to: "worse/model.json")
            #expect(try await models(["install", "worse"], in: place).code == 65)
            #expect(try await models(["install", "nowhere"], in: place).code == 65)
        }
    }
}
