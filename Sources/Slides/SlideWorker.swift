import Formats
import Foundation
import Glibc
import Imaging
import Synchronization

/// Another process that has one slide open and reads it: what a broken file does to its decoder ends that process alone.
///
/// Calls block until the answer is there, one after the other. After an error `workerEnded` a worker is of no more use.
public final class SlideWorker: Sendable {
    /// The program that runs as worker, and its arguments.
    public struct Command: Sendable, Equatable {
        public let executable: URL
        public let arguments: [String]

        public init(executable: URL, arguments: [String]) {
            (self.executable, self.arguments) = (executable, arguments)
        }

        /// This program itself, as `slides-worker`.
        public static var own: Command {
            Command(
                executable: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
                arguments: ["slides-worker"])
        }
    }

    /// What was opened.
    public let path: String
    public let shape: SlideShape
    private let process: Process
    private let descriptor: Int32
    private let channel: Mutex<LineChannel>
    private let patience: Duration
    private let mostPixels: Int

    /// Starts the process and opens a slide in it.
    /// - Parameters:
    ///   - path: As in `SlideFile`.
    ///   - command: What to start.
    ///   - patience: How long an answer may take; after that the process is killed.
    /// - Throws: `SlideError`, with `workerEnded` when the process cannot be started, ends, or is late.
    public init(
        path: String, command: Command = .own, patience: Duration = .seconds(600)
    ) throws(SlideError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SlideError(.workerEnded, "no channel to the process that reads slides can be made")
        }
        let started = Process()
        started.executableURL = command.executable
        started.arguments = command.arguments
        // What a broken file could do to the worker must find no password there.
        started.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LEUKOSCOPE_") }
        let end = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
        (started.standardInput, started.standardOutput) = (end, end)
        do {
            try started.run()
        } catch {
            close(ends[0])
            close(ends[1])
            throw SlideError(
                .workerEnded, "\(command.executable.path), which reads slides, cannot be started: \(error)")
        }
        close(ends[1])
        var channel = LineChannel(ends[0], isSocket: true)
        do throws(SlideError) {
            let request = SlideRequest.open(path: path)
            guard case .opened(let shape) = try Self.reply(to: request, over: &channel, of: started, within: patience),
                !shape.levels.isEmpty
            else { throw SlideError(.workerEnded, "the process that reads slides answered something else") }
            self.shape = shape
        } catch {
            Self.end(started, ends[0])
            throw error
        }
        (self.path, process, descriptor, self.patience) = (path, started, ends[0], patience)
        self.channel = Mutex(channel)
        mostPixels = SlideLimits().pixelsPerRead
    }

    deinit { Self.end(process, descriptor) }

    /// Finds the monolayer and chooses fields.
    /// - Parameters:
    ///   - fields: The most that are chosen.
    ///   - micrometresPerPixel: Of level 0, where it is known better than the file tells.
    /// - Throws: `SlideError`.
    public func survey(fields: Int, micrometresPerPixel: Double? = nil) throws(SlideError) -> SurveyedSlide {
        let request = SlideRequest.survey(fields: fields, micrometresPerPixel: micrometresPerPixel)
        let (reply, _) = try ask(request)
        guard case .surveyed(let survey) = reply else { throw unexpected }
        return survey
    }

    /// Reads a rectangle, as `SlideFile` does.
    /// - Throws: `SlideError`.
    public func read(_ rectangle: SlideRectangle, downsample: Double = 1) throws(SlideError) -> RGBImage {
        try picture(.read(rectangle, downsample: downsample))
    }

    /// Reads a tile of `SlideTiles`.
    /// - Throws: `SlideError`.
    public func tile(zoom: Int, column: Int, row: Int) throws(SlideError) -> RGBImage {
        try picture(.tile(zoom: zoom, column: column, row: row))
    }

    private func picture(_ request: SlideRequest) throws(SlideError) -> RGBImage {
        guard let image = try ask(request).image else { throw unexpected }
        return image
    }

    private var unexpected: SlideError {
        SlideError(.workerEnded, "the process that reads \(path) answered something else")
    }

    private func ask(_ request: SlideRequest) throws(SlideError) -> (SlideReply, image: RGBImage?) {
        let result: Result<(SlideReply, RGBImage?), SlideError> = channel.withLock { channel in
            do throws(SlideError) {
                let reply = try Self.reply(to: request, over: &channel, of: process, within: patience)
                guard case .picture(let width, let height) = reply else { return .success((reply, nil)) }
                let (count, isTooMuch) = width.multipliedReportingOverflow(by: height)
                guard width > 0, height > 0, !isTooMuch, count <= mostPixels else { throw unexpected }
                do {
                    let bytes = try channel.bytes(count * 3, until: .now + patience)
                    return .success((reply, RGBImage(width: width, height: height, pixels: bytes)))
                } catch {
                    throw Self.ended(process, error)
                }
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func reply(
        to request: SlideRequest, over channel: inout LineChannel, of process: Process, within patience: Duration
    ) throws(SlideError) -> SlideReply {
        let reply: SlideReply
        do {
            try channel.write(JSONFormat.line.data(request) + [10])
            reply = try JSONFormat.decode(SlideReply.self, from: Data(channel.line(until: .now + patience)))
        } catch {
            throw ended(process, error)
        }
        if case .failed(let code, let message) = reply { throw SlideError(code, message) }
        return reply
    }

    /// Why nothing came; the process is killed and waited for.
    private static func ended(_ process: Process, _ error: any Error) -> SlideError {
        if case LineChannel.End.late = error {
            kill(process.processIdentifier, SIGKILL)
            return SlideError(.workerEnded, "the process that reads slides took too long and was ended")
        }
        guard case LineChannel.End.closed = error else {
            kill(process.processIdentifier, SIGKILL)
            return SlideError(.workerEnded, "the process that reads slides answered what is not understood: \(error)")
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return SlideError(
            .workerEnded,
            process.terminationReason == .uncaughtSignal && process.terminationStatus != SIGKILL
                ? "the process that reads slides crashed (signal \(process.terminationStatus)); the slide may be damaged"
                : "the process that reads slides ended before it answered; the slide may be damaged, or ask for too much"
        )
    }

    /// Closing is how a worker is told to end; one that still reads would go on until then.
    private static func end(_ process: Process, _ descriptor: Int32) {
        close(descriptor)
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
}
