import ArgumentParser
import Foundation
import Training

/// Options of the commands that several processes may carry out together.
struct ProcessOptions: ParsableArguments {
    @Option(help: "With several processes: seconds that they look for one another at the start.")
    var joinTimeout = 300

    @Option(help: "With several processes: seconds to wait for the slowest at each exchange, 1 to 86400.")
    var exchangeTimeout = 900

    /// For the help of each command.
    static let explanation = """
        Several processes, on one machine or many, train together when each is started with the same command and images, and \
        with RANK (0, 1, ...), WORLD_SIZE, MASTER_ADDR and MASTER_PORT in its environment: each takes a part of every batch. \
        Process 0 alone reads and writes the folder of --out.
        """

    func validate() throws {
        for (name, seconds) in [("join", joinTimeout), ("exchange", exchangeTimeout)]
        where !(1...86_400).contains(seconds) {
            throw ValidationError("--\(name)-timeout is \(seconds); give whole seconds from 1 to 86400")
        }
    }

    /// Meets the other processes that the environment tells of; a process of its own where it tells of none.
    /// - Parameter command: What is carried out; the others have to do the same.
    /// - Throws: `TrainingError` for settings that cannot be, and when the others do not come in time.
    func join(_ command: String, _ progress: LabProgress) throws -> ProcessGroup {
        let settings = try ProcessGroupSettings.read(ProcessInfo.processInfo.environment)
        if let settings {
            progress.line(
                "process \(settings.rank) of \(settings.size) looks for the others at \(settings.address):\(settings.port)"
            )
        }
        let group = try ProcessGroup(
            joining: settings,
            patience: .init(joining: .seconds(joinTimeout), exchanging: .seconds(exchangeTimeout)))
        try group.requireSame(
            "\(command) \(LeukoscopeLab.configuration.version)", "the command or the version of the program")
        return group
    }
}
