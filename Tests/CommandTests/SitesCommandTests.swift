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

    @Test func `a microscope is added, qualified by control fields, checked by control slides, listed and suspended`()
        async throws
    {
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
            let control = [
                "control", "Stand 2", "--data", "slides", "--known-by", "flow-cytometry", "--model", "model",
            ]
            func slide(_ picture: String, in folder: String, _ number: UInt8) throws {
                let slides = place.url("slides")
                if FileManager.default.fileExists(atPath: slides.path) {
                    try FileManager.default.removeItem(at: slides)
                }
                var own = try ImageDecoder.decode([UInt8](Data(contentsOf: Place.tinyImage(picture))))
                own.pixels[0] = number
                try place.write(Data(ImageEncoder.png(own)), to: "slides/\(folder)/S1_\(number).png")
            }
            try slide("benign", in: "Benign", 201)
            let good = try await sites(control, in: place)
            #expect(good.code == 0 && good.lines == ["S1\t1\tgood"], "\(good.output) \(good.errors)")
            let again = try await sites(control, in: place)
            #expect(again.code == 65 && again.lines.isEmpty, "\(again.output)")
            try slide("pre-b", in: "Benign", 202)
            let bad = try await sites(control, in: place)
            #expect(bad.code == 65 && bad.lines == ["S1\t1\tbad"], "\(bad.output) \(bad.errors)")
            let stopped = try await sites(["list", "--json"], in: place)
            #expect(try Place.object(try #require(stopped.lines.first))["suspension"] as? String == "control")
            // Of a microscope that is not qualified there is nothing to check.
            try slide("benign", in: "Benign", 203)
            #expect(try await sites(control, in: place).code == 65)
            #expect(try await sites(Self.create.map { $0 == "Stand 2" ? "Stand 3" : $0 }, in: place).code == 0)
            let suspended = try await sites(["suspend", "Stand 3", "--reason", "the lamp"], in: place)
            #expect(suspended.code == 0 && suspended.output.contains("0 answers are marked anew"))
            let json = try await sites(["list", "--json"], in: place)
            let causes = try json.lines.map { try Place.object($0)["suspension"] as? String }
            #expect(causes.sorted { ($0 ?? "") < ($1 ?? "") } == ["control", "hand"])
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

    /// Days of a series, with cases named where they are known, are followed for each number of cases a day.
    private func drift(in place: Place, _ table: String, _ simulate: [String]) async throws {
        var lines = table.split(separator: "\n").map(String.init).filter { !$0.contains("\tother\t") }
        lines = [lines[0] + "\tcase"] + lines.dropFirst().map { $0 + "\t" }
        for day in [0, 2, 3] {
            for (key, evidence) in [("pre-b", 8), ("benign", 1)] {
                for field in 0..<20 {
                    let novelty = 0.3 + Double(field * 11 % 50) / 500 + (day < 3 ? 0 : 0.5)
                    lines.append("\(key)\t\(key)\tstain@\(day)\t\(key)\t\(novelty)\t0.\(evidence)\tc\(field / 10)")
                }
            }
        }
        try place.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: "days.tsv")
        let daily = simulate.map { $0 == "answers.tsv" ? "days.tsv" : $0 }
        let found = try await sites(daily + ["--cases-per-day", "4", "--cases-per-day", "30"], in: place)
        try #require(found.code == 0, "\(found.errors)")
        let drifts = try #require(try Place.object(Data(found.output.utf8))["drifts"] as? [[String: Any]])
        #expect(drifts.map { $0["casesPerDay"] as? Int } == [4, 30])
        // Day 3 begins after three days; day 1 is like day 0.
        for (drift, first) in zip(drifts, [12, 90]) {
            let median = drift["medianCases"] as? Int ?? 0
            #expect(drift["name"] as? String == "stain" && median > first && median <= first + 20, "\(drift)")
        }
        #expect(try await sites(daily + ["--cases-per-day", "0"], in: place).code == 64)
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
            try await self.drift(in: place, table, simulate)
            // The same series as a network tells it that had nothing of it in training.
            let usual = table.split(separator: "\n").filter { !$0.contains("\tother\t") }.joined(separator: "\n")
            let left = table.split(separator: "\n").filter { !$0.contains("\tusual\t") }.joined(separator: "\n")
            try place.write(Data(usual.utf8), to: "known.tsv")
            try place.write(Data(left.utf8), to: "left.tsv")
            let parted = [
                "simulate", "--answers", "known.tsv", "--left-out", "left.tsv", "--streams", "50", "--cases", "60",
            ]
            let told = try await sites(parted, in: place)
            try #require(told.code == 0, "\(told.errors)")
            let strange = try #require(try Place.object(Data(told.output.utf8))["series"] as? [[String: Any]])
            #expect(strange.map { $0["name"] as? String } == ["other"])
            #expect(strange[0]["noticed"] as? Int == strange[0]["streams"] as? Int)
            // Novelty in some lines only would be ranked among noughts.
            let firstLine = try #require(left.split(separator: "\n").dropFirst().first)
            let without = firstLine.split(separator: "\t").enumerated().map { $0 == 4 ? "" : String($1) }
            try place.write(Data((left + "\n" + without.joined(separator: "\t") + "\n").utf8), to: "left.tsv")
            let mixed = try await sites(parted, in: place)
            #expect(mixed.code == 65 && mixed.errors.contains("in some lines and not in others"), "\(mixed.errors)")
            try place.write(Data("run\tclass\nr1\tgood\n".utf8), to: "answers.tsv")
            let broken = try await sites(simulate, in: place)
            #expect(broken.code == 65 && broken.errors.contains("line 2"), "\(broken.errors)")
        }
    }
}
