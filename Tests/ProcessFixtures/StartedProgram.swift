import Foundation
import Glibc
import Synchronization

/// A program that a test has started. Whoever waits for it holds up a thread made for that and none of Swift's pool, of which a small
/// machine has two: all other tests would stand still.
///
/// It has its three descriptors and none of another, and nothing else that is started has its own (close-on-exec), so that the ends of its
/// input and output are seen at once, whatever was started at the same moment. It is killed with the last reference.
public final class StartedProgram: Sendable {
    /// Why it does not run, or tells no more.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }

        /// With the system's reason.
        init(errno number: Int32, _ what: String) {
            description = "\(what): \(String(cString: strerror(number)))"
        }
    }

    /// How a run ended.
    public struct Outcome: Sendable {
        /// The exit code; of a run that a signal ended, 128 and the signal's number.
        public let code: Int32
        public let output: Data
    }

    private let name: String
    private let end: ProgramEnd
    private let input: Mutex<Descriptor?>
    private let output: Descriptor
    /// What was read of the output and not yet asked for.
    private let unread = Mutex<[UInt8]>([])

    /// - Parameters:
    ///   - command: The program, looked for as a shell does, and its arguments.
    ///   - folder: Where it begins; nil for the folder of the tests.
    ///   - environment: Variables beside those of the tests.
    ///   - withErrors: Whether what it writes to standard error is output too; otherwise that goes where the tests' own goes.
    /// - Throws: `Failure` where it cannot be started.
    public init(
        _ command: [String], in folder: URL? = nil, environment: [String: String] = [:], withErrors: Bool = false
    ) throws {
        name = command.first ?? ""
        let (input, output) = (try Descriptor.pair(), try Descriptor.pair())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.theirs.number, 0)
        posix_spawn_file_actions_adddup2(&actions, output.theirs.number, 1)
        if withErrors { posix_spawn_file_actions_adddup2(&actions, 1, 2) }
        try Self.closeOthers(&actions)
        let words = (folder.map { ["env", "-C", $0.path] } ?? []) + command
        let arguments = words.map { strdup($0) }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let texts = variables.map { strdup("\($0)=\($1)") }
        defer { for text in arguments + texts { free(text) } }
        var process: pid_t = 0
        let problem = posix_spawnp(&process, words.first ?? name, &actions, nil, arguments + [nil], texts + [nil])
        guard problem == 0 else { throw Failure(errno: problem, "\(name) cannot be started") }
        end = ProgramEnd(of: process)
        self.input = Mutex(input.ours)
        self.output = output.ours
    }

    deinit { end.kill() }

    /// Closes all but the first three in the program, whatever is opened here meanwhile.
    private static func closeOthers(_ actions: inout posix_spawn_file_actions_t) throws {
        typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt
        // glibc has it since 2.34 and declares it for _GNU_SOURCE alone, which Swift's module of glibc leaves undefined.
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
            throw Failure("this system cannot start a program without all that is open here")
        }
        _ = unsafeBitCast(symbol, to: Function.self)(&actions, 3)
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - command: As in `init`, and so are the others.
    ///   - given: What it reads from standard input.
    /// - Throws: `Failure` where it cannot be started.
    public static func run(
        _ command: [String], given: Data = Data(), in folder: URL? = nil, environment: [String: String] = [:],
        withErrors: Bool = false
    ) async throws -> Outcome {
        let program = try StartedProgram(command, in: folder, environment: environment, withErrors: withErrors)
        // At the same time as it is read: it may answer before it has read all, and what is on the way has little room.
        async let isGiven: Void = onOwnThread {
            defer { program.endInput() }
            try program.write(given)
        }
        let output = try await onOwnThread { try program.output.readToEnd() }
        // One that does not want all that it is given may have ended before.
        do { try await isGiven } catch is Failure {}
        return Outcome(code: await program.end.code, output: output)
    }

    /// The next line that it writes, without its end.
    ///
    /// - Throws: `Failure` where its output ends before.
    public func line() async throws -> String {
        try await onOwnThread { [self] in
            try unread.withLock { unread in
                while true {
                    if let end = unread.firstIndex(of: 0x0A) {
                        defer { unread.removeFirst(end + 1) }
                        return String(decoding: unread[..<end], as: UTF8.self)
                    }
                    let more = try output.read()
                    guard !more.isEmpty else {
                        throw Failure(
                            "\(name) said no line, and “\(String(decoding: unread, as: UTF8.self))” at its end")
                    }
                    unread += more
                }
            }
        }
    }

    /// Writes to its standard input.
    ///
    /// - Throws: `Failure` where it reads no more.
    public func write(_ bytes: some Sequence<UInt8>) throws {
        try input.withLock { try $0?.write(Array(bytes)) }
    }

    /// Ends its standard input.
    public func endInput() { input.withLock { $0 = nil } }
}

/// Runs blocking work of a test on a thread made for it.
///
/// - Throws: What `work` throws.
public func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try work() }) }.start()
    }
}
