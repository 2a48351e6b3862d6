import Foundation
import ProcessFixtures
import Testing

/// Runs `leukoscope-simulate`, which replaces the executor of its process and so cannot be part of this one.
@Suite(.timeLimit(.minutes(10)))
struct SimulationTests {
    @Test(arguments: [0, 500])
    func `queue, leases and files keep every rule through five hundred seeds of faults`(first: Int) async throws {
        let run = try await simulate("--first", "\(first)", "--seeds", "500")
        #expect(run.code == 0, "\(run.output)")
        #expect(run.output.contains("500 seeds kept every rule"))
    }

    @Test(arguments: [
        "lost-lease", "unrenewed-lease", "row-before-file", "sweep-too-early", "fault-counts-attempt", "unfair-queue",
        "shared-lane",
    ])
    func `a planted fault is found within ten thousand seeds, and again by its seed alone`(name: String) async throws {
        // The first seed that meets two lanes at one screening is far down the list.
        let first = name == "shared-lane" ? 1500 : 0
        let run = try await simulate("--fault", name, "--first", "\(first)", "--seeds", "\(10000 - first)")
        #expect(run.code == 1)
        let seed = try #require(run.output.firstMatch(of: /seed (\d+): (.*) \(after/))
        let again = try await simulate("--fault", name, "--first", "\(seed.output.1)", "--seeds", "1")
        #expect(again.output.contains("seed \(seed.output.1): \(seed.output.2) (after 1 seeds)"))
    }

    @Test func `a seed runs the same each time, whatever ran before it`() async throws {
        let alone = try await simulate("--first", "7", "--seeds", "1", "--trace")
        let behind = try await simulate("--first", "4", "--seeds", "4", "--trace")
        let lines = alone.output.split(separator: "\n").dropLast()
        #expect(lines.count > 5)
        #expect(behind.output.split(separator: "\n").dropLast().suffix(lines.count) == lines)
    }

    private struct Run {
        let code: Int32
        let output: String
    }

    private func simulate(_ arguments: String...) async throws -> Run {
        let tests = try #require(Bundle.main.executableURL?.resolvingSymlinksInPath())
        let program = tests.deletingLastPathComponent().appending(path: "leukoscope-simulate")
        let outcome = try await StartedProgram.run([program.path] + arguments)
        return Run(code: outcome.code, output: String(decoding: outcome.output, as: UTF8.self))
    }
}
