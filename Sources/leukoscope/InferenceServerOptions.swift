import ArgumentParser
import Foundation
import RemoteInference

/// Who runs the field network in place of this machine.
struct InferenceServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A server of the Open Inference Protocol v2 that runs the network of fields: http://host:port/prefix or grpc://host:port; "
                + "https:// or grpcs:// with encryption. It is used once it answers as the model package does here; while it fails, "
                + "this machine answers.", valueName: "url"))
    var inference: String?

    @Option(
        help: ArgumentHelp(
            "A numeric address of a private network that the inference server's name may stand for, such as 10.0.0.7; may be given "
                + "again. All others are refused.", valueName: "address"))
    var inferenceAllow: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the inference server calls the network; by default the package's name.", valueName: "name"))
    var inferenceModel: String?

    @Option(
        help: ArgumentHelp(
            "A file with the token that is sent to the inference server as Authorization: Bearer; LEUKOSCOPE_INFERENCE_TOKEN in the "
                + "environment does the same.", valueName: "file"))
    var inferenceTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "How long an image may take at the inference server, waiting included, until this machine answers it.",
            valueName: "seconds"))
    var inferenceDeadline = 5.0

    @Option(help: ArgumentHelp("Requests that the inference server gets at once.", valueName: "count"))
    var inferenceConnections = 2

    @Option(help: ArgumentHelp("Images of one request at most.", valueName: "count"))
    var inferenceBatch = 8

    func validate() throws {
        guard (0.05...600).contains(inferenceDeadline) else {
            throw ValidationError("--inference-deadline lies from 0.05 to 600 seconds, not at \(inferenceDeadline).")
        }
        guard (1...64).contains(inferenceConnections) else {
            throw ValidationError("--inference-connections lies from 1 to 64, not at \(inferenceConnections).")
        }
        guard (1...256).contains(inferenceBatch) else {
            throw ValidationError("--inference-batch lies from 1 to 256, not at \(inferenceBatch).")
        }
    }

    /// The server; nil without `--inference`.
    ///
    /// - Parameter report: Told when the server takes over, and when this machine does.
    /// - Throws: `ExitCode` after the reason went to standard error.
    func remote(report: @escaping @Sendable (RemoteStanding) -> Void) throws -> RemoteInference? {
        guard let inference else { return nil }
        do {
            let server = try RemoteServer(inference, allowed: inferenceAllow, token: token())
            return RemoteInference(
                RemoteOptions(
                    server: server, model: inferenceModel, connections: inferenceConnections, batch: inferenceBatch,
                    deadline: .seconds(inferenceDeadline)),
                report: report)
        } catch let error as RemoteInferenceError {
            throw ProgramExit.stop(error.message, .validationFailure)
        }
    }

    private func token() throws -> String? {
        guard let inferenceTokenFile else {
            let token = ProcessInfo.processInfo.environment["LEUKOSCOPE_INFERENCE_TOKEN"]
            return token?.isEmpty == false ? token : nil
        }
        do {
            return try String(contentsOf: URL(fileURLWithPath: inferenceTokenFile), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        } catch {
            throw ProgramExit.stop("\(inferenceTokenFile) cannot be read.", .validationFailure)
        }
    }
}
