import Foundation
import Testing

@Suite struct DoctorsCommandTests {
    private static let header =
        "name,qualifications,council,registration_number,specialties,languages,practice_since,clinic,street,city,country,"
        + "latitude,longitude,time_zone,opening_hours"

    private static func row(_ number: String, name: String = "Dr. Anna Rao", latitude: String = "12.97") -> String {
        "\(name),\"MD, DM\",Council,\(number),haematology,en|kn,2009,Clinic,1 Road,Bengaluru,IN,\(latitude),77.59,"
            + "Asia/Kolkata,Mon-Fri 09:00-17:00"
    }

    private func inFolder(_ test: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-doctors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await test(folder)
    }

    private func run(_ list: String, _ options: [String] = [], in folder: URL) async throws -> ProgramRun.Outcome {
        try Data(list.utf8).write(to: folder.appending(path: "list.csv"))
        return try await Program.leukoscope.run(["doctors", "import", "list.csv"] + options, in: folder)
    }

    @Test func `reports each line, and ends with 65 when one was refused`() async throws {
        try await inFolder { folder in
            let list = [Self.header, Self.row("1"), Self.row("2", latitude: "91"), Self.row("3")]
                .joined(separator: "\n")
            let first = try await run(list, in: folder)
            #expect(first.code == 65)
            #expect(
                first.lines.map { $0.split(separator: "\t").prefix(3).joined(separator: " ") } == [
                    "2 1 added", "3 2 refused", "4 3 added",
                ])
            #expect(first.lines[1].contains("latitude: Write degrees from -90 to 90"))
            #expect(first.errors.contains("2 added, 0 updated, 0 unchanged, 1 refused"))
            let again = try await run(
                [Self.header, Self.row("1"), Self.row("3", name: "Dr. Ben")].joined(separator: "\n"), ["--json"],
                in: folder)
            #expect(again.code == 0)
            let lines = try again.lines.map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(lines.compactMap { $0["outcome"] as? String } == ["unchanged", "updated"])
        }
    }

    @Test func `the sample list is a list, and says where the practice of each is`() async throws {
        try await inFolder { folder in
            let town = "1\tChennai\tIN\t13.08784\t80.27847\t4681087\tAsia/Kolkata\tMadras\n"
            try Data("leukoscope-places\t1\t1\n\(town)".utf8).write(to: folder.appending(path: "places.tsv"))
            #expect(try await Program.leukoscope.run(["places", "load", "places.tsv"], in: folder).code == 0)
            let sample = try await Program.leukoscope.run(["doctors", "sample"], in: folder)
            #expect(sample.output.contains("registration_number"))
            let taken = try await run(sample.output, in: folder)
            #expect(taken.lines.map { $0.split(separator: "\t").last } == ["added", "added"], "\(taken.output)")
        }
    }

    @Test func `a dry run stores nothing, and --quiet tells of refused lines alone`() async throws {
        try await inFolder { folder in
            let list = [Self.header, Self.row("1"), Self.row("", latitude: "1")].joined(separator: "\n")
            let dry = try await run(list, ["--dry-run", "--quiet"], in: folder)
            #expect(dry.code == 65)
            #expect(dry.lines.count == 1)
            #expect(dry.errors.contains("would be: 1 added"))
            let real = try await run([Self.header, Self.row("1")].joined(separator: "\n"), ["--verified"], in: folder)
            #expect(real.code == 0)
            #expect(real.lines == ["2\t1\tadded"])
        }
    }

    @Test func `a list without the right columns is refused with their names`() async throws {
        try await inFolder { folder in
            let wrong = try await run("name,colour\nAnna,blue\n", in: folder)
            #expect(wrong.code == 65)
            #expect(wrong.errors.contains("the column “colour” is not known. The columns are name, qualifications"))
            let missing = try await Program.leukoscope.run(["doctors", "import", "none.csv"], in: folder)
            #expect(missing.code == 65)
            let help = try await Program.leukoscope.run(["doctors", "import", "--help"], in: folder)
            #expect(help.output.contains("registration_number"))
            #expect(help.output.contains("Mon-Fri 09:00-17:00"))
        }
    }

    @Test func `towns are loaded once, and a broken file is told`() async throws {
        try await inFolder { folder in
            let town = "1277333\tBengaluru\tIN\t12.97194\t77.59369\t8495492\tAsia/Kolkata\tBangalore\n"
            try Data("leukoscope-places\t1\t1\n\(town)".utf8).write(to: folder.appending(path: "places.tsv"))
            let first = try await Program.leukoscope.run(["places", "load", "places.tsv"], in: folder)
            #expect(first.code == 0)
            #expect(first.lines == ["1 places added, 0 were there."])
            let again = try await Program.leukoscope.run(["places", "load", "places.tsv"], in: folder)
            #expect(again.lines == ["0 places added, 1 were there."])
            try Data("nothing\n".utf8).write(to: folder.appending(path: "bad.tsv"))
            let bad = try await Program.leukoscope.run(["places", "load", "bad.tsv"], in: folder)
            #expect(bad.code == 65)
            #expect(bad.errors.contains("is no file of places"))
        }
    }

    @Test func `postcodes are loaded once, and anew when the file is another`() async throws {
        try await inFolder { folder in
            let write = { (edition: String, label: String) throws in
                let row = "560001\tIN\t\t12.97194\t77.59369\ttown\t\(label)\n"
                try Data("leukoscope-postcodes\t1\t1\t\(edition)\n\(row)".utf8)
                    .write(to: folder.appending(path: "postcodes.tsv"))
            }
            let load = ["places", "load", "postcodes.tsv"]
            try write("a1", "Bengaluru")
            let first = try await Program.leukoscope.run(load, in: folder)
            #expect(first.code == 0)
            #expect(first.lines == ["1 rows of postcodes loaded."])
            #expect(try await Program.leukoscope.run(load, in: folder).lines == ["The postcodes were there."])
            try write("a2", "Bangalore")
            #expect(try await Program.leukoscope.run(load, in: folder).lines == ["1 rows of postcodes loaded."])
            try Data("leukoscope-postcodes\t1\t2\ta3\n".utf8).write(to: folder.appending(path: "postcodes.tsv"))
            let broken = try await Program.leukoscope.run(load, in: folder)
            #expect(broken.code == 65)
            #expect(broken.errors.contains("ends early"))
        }
    }
}
