import Foundation
import LoopbackFixtures
import Testing

/// A command that several processes carry out together, all on this machine.
struct SeveralProcesses {
    let place: Place
    var size = 2
    let port: Int

    init(_ place: Place) throws { (self.place, port) = (place, try FreePort.find()) }

    func environment(_ rank: Int) -> [String: String] {
        ["RANK": "\(rank)", "WORLD_SIZE": "\(size)", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)"]
    }

    /// Starts one of them.
    func start(_ rank: Int, _ arguments: [String]) throws -> ProgramRun {
        try Program.lab.start(arguments, in: place.folder, environment: environment(rank))
    }

    /// Starts all and waits for their ends.
    /// - Parameter arguments: Those of a process, by its number.
    func run(_ arguments: (Int) -> [String]) async throws -> [ProgramRun.Outcome] {
        let runs = try (0..<size).map { try start($0, arguments($0)) }
        var outcomes: [ProgramRun.Outcome] = []
        for run in runs { outcomes.append(try await run.outcome()) }
        return outcomes
    }
}
