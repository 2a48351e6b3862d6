import Foundation
import Testing

@Suite struct PrivacyCommandTests {
    @Test func `breaches and requests are recorded with their due dates, settled, and exported as CSV`() async throws {
        try await Place.lend { place in
            let run = { (arguments: [String]) in
                try await Program.leukoscope.run(["privacy"] + arguments, in: place.folder)
            }
            let breach = try await run(
                ["record", "--kind", "breach", "--known-at", "2026-01-01T00:00:00Z", "--note", "=Laptop, \"lost\""])
            try #require(breach.code == 0, "\(breach.errors)")
            let id = try #require(breach.output.split(separator: "\t").first.map(String.init))
            #expect(breach.output.hasSuffix("due 2026-01-04T00:00:00Z\n"), "\(breach.output)")
            let request = try await run(["record", "--kind", "access", "--note", "Asked at the desk"])
            try #require(request.code == 0, "\(request.errors)")
            let states = { (arguments: [String]) in
                try await run(["list"] + arguments).lines.map {
                    $0.split(separator: "\t")[1...2].joined(separator: " ")
                }
            }
            #expect(try await states([]) == ["overdue breach", "open access"])
            #expect(try await run(["settle", id, "--note", "Told the board"]).code == 0)
            #expect(try await run(["settle", id, "--note", "Again"]).code == 64)
            #expect(try await states(["--open"]) == ["open access"])
            let table = try await run(["export"]).output.split(separator: "\r\n").map(String.init)
            #expect(table.count == 3)
            #expect(table[0] == "id,state,kind,known_at,due_at,note,recorded_at,settled_at,settlement")
            #expect(
                table[1].hasPrefix(
                    "\(id),settled,breach,2026-01-01T00:00:00Z,2026-01-04T00:00:00Z,\"'=Laptop, \"\"lost\"\"\""))
            #expect(table[1].hasSuffix(",Told the board"))
            for wrong in [
                ["--kind", "theft", "--note", "x"], ["--kind", "breach", "--known-at", "soon", "--note", "x"],
            ] {
                #expect(try await run(["record"] + wrong).code == 64)
            }
        }
    }

    @Test func `a server does not start with a period that is too short, or with nobody to be told`() async throws {
        try await Place.lend { place in
            for (options, word) in [
                (["--keep-cases", "400"], "--smtp"), (["--keep-accounts", "400"], "--smtp"),
                (["--keep-cases", "3"], "at least 90"), (["--keep-audit", "30"], "at least 365"),
            ] {
                let refused = try await Program.leukoscope.run(["serve", "--port", "0"] + options, in: place.folder)
                #expect(refused.code == 64 && refused.errors.contains(word), "\(options): \(refused.errors)")
                #expect(!place.exists("data"))
            }
        }
    }
}
