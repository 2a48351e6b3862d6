import ArgumentParser
import Logging
import Telemetry
import Tracing

/// What leaves the server for those who watch it.
struct TelemetryOptions: ParsableArguments {
    enum LogFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "How lines of the log are written to standard error: text, or json with one object a line.")
    var logFormat = LogFormat.text

    @Option(
        help: ArgumentHelp(
            "Where a collector of OpenTelemetry takes spans as JSON over HTTP, such as http://127.0.0.1:4318; another machine "
                + "by https alone. Without it none are kept.", valueName: "url"))
    var traces: String?

    /// Makes every logger of this process write as asked. Once a process.
    func bootstrapLog() {
        switch logFormat {
        case .text: LoggingSystem.bootstrap(StreamLogHandler.standardError)
        case .json: LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
        }
    }

    /// What sends spans; nil where no collector is named. Once a process.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func exporter(_ logger: Logger) throws -> OTLPExporter? {
        guard let traces else { return nil }
        let queue = SpanQueue()
        let exporter: OTLPExporter
        do {
            exporter = try OTLPExporter(
                endpoint: traces, version: Leukoscope.configuration.version, queue: queue
            ) { logger.warning("spans", metadata: ["reason": "\($0)"]) }
        } catch {
            throw ProgramExit.stop(ProgramExit.words(error), .validationFailure)
        }
        InstrumentationSystem.bootstrap(SpanTracer(into: queue))
        return exporter
    }
}
