import Foundation
import Testing

@Suite struct TokensCommandTests {
    @Test func `a token lasts for the days that are asked for, ninety where none are, and never more than a year`()
        async throws
    {
        try await Place.lend { place in
            let email = ["--user", "lab@example.org"]
            let user = try await Program.leukoscope.run(
                ["users", "create", "--email", "lab@example.org", "--role", "patient"], in: place.folder)
            try #require(user.code == 0, "\(user.errors)")
            for (name, days) in [("usual", []), ("short", ["--days", "2"])] {
                let made = try await Program.leukoscope.run(
                    ["tokens", "create", "--name", name] + email + days, in: place.folder)
                try #require(made.code == 0, "\(made.errors)")
                #expect(made.lines.count == 1)
            }
            for days in ["0", "366", "many"] {
                let refused = try await Program.leukoscope.run(
                    ["tokens", "create", "--name", "x", "--days", days] + email, in: place.folder)
                #expect(refused.code == 64, "\(days): \(refused.errors)")
            }
            let list = try await Program.leukoscope.run(["tokens", "list"] + email, in: place.folder)
            let ends = try list.lines.map { line in
                let parts = line.split(separator: "\t").map(String.init)
                try #require(parts.count == 5, "\(line)")
                #expect(parts[1] == "valid" && parts[2] == "predict")
                let end = try Date(parts[4], strategy: .iso8601)
                return (name: parts[3], days: (end.timeIntervalSinceNow / 86_400).rounded())
            }
            #expect(Dictionary(uniqueKeysWithValues: ends.map { ($0.name, $0.days) }) == ["usual": 90, "short": 2])
        }
    }
}
