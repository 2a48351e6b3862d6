import Foundation
import Testing

@Suite struct DatasetCommandTests {
    private func lab(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.lab.run(arguments, in: place.folder)
    }

    @Test func `the same drawing gives the same bytes, another range gives others`() async throws {
        try await Place.lend { place in
            try await place.draw(8, side: 64, into: "first")
            try await place.draw(8, side: 64, into: "again")
            try await place.draw(8, side: 64, into: "fresh", first: 1000)
            let names = try place.files(below: "first")
            #expect(names.count == 8)
            #expect(Set(names.compactMap { $0.split(separator: "/").first }) == ["Benign", "Early", "Pre", "Pro"])
            #expect(try place.files(below: "again") == names)
            let first = try names.map { try Data(contentsOf: place.url("first/\($0)")) }
            #expect(try names.map { try Data(contentsOf: place.url("again/\($0)")) } == first)
            #expect(Set(first).count == 8)
            let fresh = try place.files(below: "fresh").map { try Data(contentsOf: place.url("fresh/\($0)")) }
            #expect(Set(first).isDisjoint(with: fresh))
        }
    }

    @Test(arguments: [["--count", "0"], ["--count", "4", "--side", "8"], ["--count", "4", "--format", "gif"]])
    func `drawing of the impossible is wrong usage`(options: [String]) async throws {
        try await Place.lend { place in
            let drawn = try await lab(["draw", "--into", "drawn"] + options, in: place)
            #expect(drawn.code == 64)
            #expect(!place.exists("drawn"))
        }
    }

    @Test func `a sound folder is imported, checked and split`() async throws {
        try await Place.lend { place in
            try await place.draw(24, side: 64, into: "drawn")
            let imported = try await lab(["dataset", "import", "drawn", "--into", "set"], in: place)
            #expect(imported.code == 0, "\(imported.errors)")
            #expect(imported.output.contains("24 images: benign 6, early-pre-b 6, pre-b 6, pro-b 6"))
            let checked = try await lab(["dataset", "check", "set"], in: place)
            #expect(checked.code == 0, "\(checked.errors)")
            let split = try await lab(["dataset", "split", "set", "--method", "blocks", "--folds", "3"], in: place)
            #expect(split.code == 0, "\(split.errors)")
            #expect(split.lines.prefix(3).allSatisfy { $0.contains("8 images") })
            let rows = try place.text("set/manifest.csv").split(separator: "\r\n").map { $0.split(separator: ",") }
            #expect(rows.count == 25)
            #expect(rows[0].last == "fold")
            let folds = Dictionary(rows.dropFirst().map { ($0.last ?? "", 1) }, uniquingKeysWith: +)
            #expect(folds == ["0": 8, "1": 8, "2": 8])
            let manifest = try place.text("set/manifest.csv")
            let again = try await lab(["dataset", "split", "set", "--method", "blocks", "--folds", "3"], in: place)
            #expect(again.code == 0)
            #expect(try place.text("set/manifest.csv") == manifest)
        }
    }

    @Test func `files that cannot be used are listed with the reason, and the exit code is 65`() async throws {
        try await Place.lend { place in
            try await place.draw(8, side: 64, into: "drawn")
            for file in try Place.badFiles() { try place.write(file.data, to: "drawn/Pre/\(file.name)") }
            let any = try #require(try place.files(below: "drawn/Pro").first)
            try place.copy(place.url("drawn/Pro/\(any)"), to: "drawn/holiday/beach.png")
            let imported = try await lab(["dataset", "import", "drawn", "--into", "set"], in: place)
            #expect(imported.code == 65)
            let rejected = try place.text("set/rejected.csv")
            let reasons = [
                "Pre/truncated.jpg": "damaged", "Pre/text.jpg": "wrong-type", "Pre/nothing.jpg": "empty",
                "Pre/giant.png": "damaged", "holiday/beach.png": "unknown-folder",
            ]
            for (file, reason) in reasons {
                #expect(rejected.contains("\(file),\(reason),"))
                #expect(imported.output.contains("refused\t\(file)\t\(reason): "))
            }
            #expect(imported.output.contains("8 images:"))
            #expect(try await lab(["dataset", "check", "set"], in: place).code == 0)
        }
    }

    @Test func `a set that was changed after the import does not pass the check`() async throws {
        try await Place.lend { place in
            try await place.draw(8, side: 64, into: "drawn")
            #expect(try await lab(["dataset", "import", "drawn", "--into", "set"], in: place).code == 0)
            let names = try place.files(below: "set/images")
            try place.copy(Place.tinyImage("benign"), to: "set/images/\(names[0])")
            try FileManager.default.removeItem(at: place.url("set/images/\(names[1])"))
            let checked = try await lab(["dataset", "check", "set"], in: place)
            #expect(checked.code == 65)
            for name in names.prefix(2) { #expect(checked.output.contains(name)) }
        }
    }

    @Test func `a target that exists, a folder without images and a split without patients are refused`() async throws {
        try await Place.lend { place in
            try await place.draw(4, side: 64, into: "drawn")
            #expect(try await lab(["dataset", "import", "drawn", "--into", "set"], in: place).code == 0)
            let twice = try await lab(["dataset", "import", "drawn", "--into", "set"], in: place)
            #expect(twice.code == 65)
            #expect(twice.errors.contains("exists already"))
            try FileManager.default.createDirectory(at: place.url("empty"), withIntermediateDirectories: true)
            #expect(try await lab(["dataset", "import", "empty", "--into", "other"], in: place).code == 65)
            let patients = try await lab(["dataset", "split", "set", "--method", "patients"], in: place)
            #expect(patients.code == 65)
            #expect(patients.errors.contains("patient"))
            #expect(try await lab(["dataset", "split", "set", "--method", "luck"], in: place).code == 64)
        }
    }
}
