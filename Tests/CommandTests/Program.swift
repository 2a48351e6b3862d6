import Foundation
import Testing

/// One of the two built programs, as a person starts it: arguments, environment and exit code, and no shell between.
struct Program {
    static let leukoscope = Program(name: "leukoscope")
    static let lab = Program(name: "leukoscope-lab")

    let name: String

    /// The build folder: the programs lie beside the tests that are running.
    private var url: URL {
        get throws {
            let tests = try #require(Bundle.main.executableURL?.resolvingSymlinksInPath())
            let program = tests.deletingLastPathComponent().appendingPathComponent(name)
            try #require(
                FileManager.default.isExecutableFile(atPath: program.path),
                "\(program.path) is not built: swift build -c release --build-tests")
            return program
        }
    }

    /// Starts the program in a folder of its own and does not wait.
    /// - Parameters:
    ///   - folder: The working directory, where what it prints is kept too.
    ///   - input: What it reads from standard input; nil for nothing.
    ///   - environment: Variables beside those of the tests.
    func start(
        _ arguments: [String], in folder: URL, input: String? = nil, environment: [String: String] = [:]
    ) throws -> ProgramRun {
        try ProgramRun(url, arguments: arguments, folder: folder, input: input, environment: environment)
    }

    /// Starts the program and waits for its end.
    /// - Throws: When it takes longer than `limit`; it has been killed then.
    func run(
        _ arguments: [String], in folder: URL, input: String? = nil, environment: [String: String] = [:],
        limit: Duration = .seconds(600)
    ) async throws -> ProgramRun.Outcome {
        try await start(arguments, in: folder, input: input, environment: environment).outcome(within: limit)
    }
}

/// A program that has been started.
final class ProgramRun: Sendable {
    /// How a run ended.
    struct Outcome {
        /// The exit code; of a run that a signal ended, 128 and the signal's number.
        let code: Int32
        let output: String
        let errors: String

        /// The lines of standard output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    struct TookTooLong: Error {
        let command: String
        let limit: Duration
    }

    private let process = Process()
    private let outputFile: URL
    private let errorFile: URL
    private let codes: AsyncStream<Int32>

    fileprivate init(
        _ program: URL, arguments: [String], folder: URL, input: String?, environment: [String: String]
    ) throws {
        let number = UUID().uuidString
        outputFile = folder.appendingPathComponent(".output-\(number)")
        errorFile = folder.appendingPathComponent(".errors-\(number)")
        // Files, not pipes: a full pipe would stop the program until somebody reads.
        for file in [outputFile, errorFile] { try Data().write(to: file) }
        let (codes, ends) = AsyncStream.makeStream(of: Int32.self)
        self.codes = codes
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LEUKOSCOPE_") }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        if let input {
            let file = folder.appendingPathComponent(".input-\(number)")
            try Data(input.utf8).write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
        }
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        process.terminationHandler = { process in
            ends.yield(process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0))
            ends.finish()
        }
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Sends a signal.
    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; kills a run that takes longer than the limit.
    func outcome(within limit: Duration = .seconds(600)) async throws -> Outcome {
        let code = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { [codes] in await codes.first { _ in true } }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let code else {
            send(SIGKILL)
            let command = ([process.executableURL?.lastPathComponent ?? ""] + (process.arguments ?? []))
            throw TookTooLong(command: command.joined(separator: " "), limit: limit)
        }
        return Outcome(
            code: code, output: try String(contentsOf: outputFile, encoding: .utf8),
            errors: try String(contentsOf: errorFile, encoding: .utf8))
    }

    /// Waits until something has happened; ends early, with `false`, when the program does.
    func waits(until happened: () throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(600)
        while try !happened() {
            guard isRunning, ContinuousClock.now < end else { return try happened() }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}
