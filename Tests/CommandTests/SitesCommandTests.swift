import Foundation
import Imaging
import Testing

@Suite struct SitesCommandTests {
    private func sites(_ arguments: [String], in place: Place) async throws -> ProgramRun.Outcome {
        try await Program.leukoscope.run(["sites"] + arguments, in: place.folder)
    }

    private static let create = [
        "create", "--name", "Stand 2", "--objective", "100x oil", "--camera", "Axiocam", "--stain", "Leishman",
        "--sensitivity", "0.5", "--specificity", "0.5", "--wrong-reports", "0.25",
    ]

    /// Pictures of which the tiny network knows the class, each unlike the others.
    private func write(_ count: Int, in place: Place, named: (Int) -> String) throws {
        for (folder, key) in [("Benign", "benign"), ("Pre", "pre-b")] {
            let image = try ImageDecoder.decode([UInt8](Data(contentsOf: Place.tinyImage(key))))
            for number in 0..<count {
                var own = image
                own.pixels[0] = UInt8(number)
                let name = "controls/\(folder)/\(named(number + (folder == "Pre" ? 100 : 0)))"
                try place.write(Data(ImageEncoder.png(own)), to: name)
            }
        }
    }

    /// The tiny package, reporting whatever is most probable.
    private func makePackage(in place: Place) throws {
        try place.copyTinyPackage(to: "model")
        try place.edit("model/model.json") { description in
            description["novelty"] = ["method": "centroid-cosine", "threshold": 2]
            description["quality"] = [String: Any]()
            description["decision"] = ["minimumConfidence": 0]
            let none = ["benign": 0.0, "early-pre-b": 0.0, "pre-b": 0.0, "pro-b": 0.0]
            description["conformal"] = ["coverage": 0.9, "thresholds": none]
        }
    }

    @Test func `a microscope is added, qualified by control fields, listed and suspended`() async throws {
        try await Place.lend { place in
            try makePackage(in: place)
            let made = try await sites(Self.create, in: place)
            try #require(made.code == 0, "\(made.errors)")
            #expect(made.lines.first?.count == 22)
            #expect(try await sites(Self.create, in: place).code == 65)
            let qualify = ["qualify", "Stand 2", "--data", "controls", "--model", "model"]
            try write(2, in: place) { "field\($0).png" }
            let nobody = try await sites(qualify + ["--known-by", "flow-cytometry"], in: place)
            #expect(nobody.code == 65 && nobody.errors.contains("4 files, first Benign/field0.png, have no person"))
            for folder in ["Benign", "Pre"] { try FileManager.default.removeItem(at: place.url("controls/\(folder)")) }
            try write(2, in: place) { "P\($0)_1.png" }
            let unknown = try await sites(qualify, in: place)
            #expect(unknown.code == 65 && unknown.errors.contains("--known-by"))
            let few = try await sites(qualify + ["--known-by", "flow-cytometry"], in: place)
            #expect(few.code == 65, "\(few.errors)")
            #expect(few.output.contains("People with leukaemia: about 9 more are needed."), "\(few.output)")
            try write(12, in: place) { "P\($0)_1.png" }
            let passed = try await sites(qualify + ["--known-by", "flow-cytometry", "--json"], in: place)
            try #require(passed.code == 0, "\(passed.errors)")
            let told = try Place.object(try #require(passed.lines.last))
            #expect(told["passed"] as? Bool == true)
            let figures = try #require(told["figures"] as? [String: Any])
            #expect((figures["sensitivity"] as? [String: Any])?["people"] as? Int == 12)
            let list = try await sites(["list"], in: place)
            #expect(list.lines.first?.contains("\tqualified\tStand 2\t") == true, "\(list.lines)")
            let suspended = try await sites(["suspend", "Stand 2", "--reason", "the lamp"], in: place)
            #expect(suspended.code == 0 && suspended.output.contains("0 answers are marked anew"))
            let json = try await sites(["list", "--json"], in: place)
            #expect(try Place.object(try #require(json.lines.first))["suspension"] as? String == "hand")
            #expect(try await sites(["suspend", "Nowhere", "--reason", "x"], in: place).code == 65)
        }
    }

    @Test func `a table of people names them and how it is known, and what is wrong with it is told by its line`()
        async throws
    {
        try await Place.lend { place in
            try makePackage(in: place)
            try #require(try await sites(Self.create, in: place).code == 0)
            try write(1, in: place) { "field\($0).png" }
            let qualify = ["qualify", "Stand 2", "--data", "controls", "--model", "model"]
            for (table, complaint) in [
                ("name,who\n", "line 1"), ("file,person\nBenign/field0.png,\n", "line 2"),
                ("file,person,known_by\nBenign/field0.png,A,looks\n", "no method"),
                ("file,person\nBenign/field0.png,A\nBenign/field0.png,B\n", "stands twice"),
            ] {
                try place.write(Data(table.utf8), to: "controls/persons.csv")
                let refused = try await sites(qualify, in: place)
                #expect(refused.code == 65 && refused.errors.contains(complaint), "\(refused.errors)")
            }
            let good = "file,person,known_by\nBenign/field0.png,A,follow-up\nPre/field100.png,B,cytogenetics\n"
            try place.write(Data(good.utf8), to: "controls/persons.csv")
            let read = try await sites(qualify, in: place)
            #expect(read.code == 65 && read.output.contains("1 people, 1 fields"), "\(read.errors)")
        }
    }

    @Test func `the watch is tried on recorded answers`() async throws {
        try await Place.lend { place in
            var table = "run\tclass\tseries\tanswer\tnovelty\tevidence\n"
            for run in 0..<40 {
                let (key, isOther) = (run % 2 == 0 ? "pre-b" : "benign", run >= 36)
                for field in 0..<20 {
                    let novelty = 0.3 + Double((run * 37 + field * 11) % 50) / 500 + (isOther ? 0.5 : 0)
                    table +=
                        "r\(run)\t\(key)\t\(isOther ? "other" : "usual")\t\(key)\t\(novelty)\t0.\(run % 2 == 0 ? 8 : 1)\n"
                }
            }
            try place.write(Data(table.utf8), to: "answers.tsv")
            let simulate = ["simulate", "--answers", "answers.tsv", "--streams", "50", "--cases", "60"]
            let found = try await sites(simulate, in: place)
            try #require(found.code == 0, "\(found.errors)")
            let results = try Place.object(Data(found.output.utf8))
            let series = try #require(results["series"] as? [[String: Any]])
            let other = try #require(series.first { $0["name"] as? String == "other" })
            #expect(other["noticed"] as? Int == other["streams"] as? Int)
            #expect((other["medianCases"] as? Int ?? 99) < 15, "\(other)")
            #expect(try await sites(simulate, in: place).output == found.output)
            try place.write(Data("run\tclass\nr1\tgood\n".utf8), to: "answers.tsv")
            let broken = try await sites(simulate, in: place)
            #expect(broken.code == 65 && broken.errors.contains("line 2"), "\(broken.errors)")
        }
    }
}
