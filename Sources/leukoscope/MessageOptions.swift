import ArgumentParser
import Foundation
import Mail

/// How short messages leave the server.
struct MessageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway that short messages on appointments are posted to, as signed JSON: https://host/path. Without it, patients are "
                + "not asked for a number for messages.",
            valueName: "url"))
    var messageUrl: String?

    @Option(
        help: ArgumentHelp(
            "A file with the secret of the signatures, at least 32 bytes; LEUKOSCOPE_MESSAGE_SECRET in the environment does the same.",
            valueName: "file"))
    var messageSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "A numeric address of a private network that the gateway may have, such as 127.0.0.1; may be given again. All others are "
                + "refused.",
            valueName: "address"))
    var messageAllow: [String] = []

    /// What posts messages; nil without `--message-url`.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func gateway() throws -> WebhookGateway? {
        guard let messageUrl else { return nil }
        do {
            return try WebhookGateway(url: messageUrl, secret: secret(), allowed: messageAllow)
        } catch let error as MailError {
            throw ProgramExit.stop(error.message, .validationFailure)
        }
    }

    private func secret() throws -> String {
        guard let messageSecretFile else {
            return ProcessInfo.processInfo.environment["LEUKOSCOPE_MESSAGE_SECRET"] ?? ""
        }
        do {
            return try String(contentsOf: URL(fileURLWithPath: messageSecretFile), encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        } catch {
            throw ProgramExit.stop("\(messageSecretFile) cannot be read.", .validationFailure)
        }
    }
}
