import ArgumentParser
import Foundation
import Mail

/// How letters leave the server.
struct MailOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The mail server for reset links and letters on appointments: smtps://host:465 (TLS), smtp://host:587 (STARTTLS, which "
                + "is required; only on 127.0.0.1 may it be missing). Without it, links come from “users reset-link”.",
            valueName: "url"))
    var smtp: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file with the authorities that vouch for the mail server, in place of the system's.",
            valueName: "file"))
    var smtpCa: String?

    @Option(help: ArgumentHelp("The user name at the mail server.", valueName: "name"))
    var smtpUser: String?

    @Option(
        help: ArgumentHelp(
            "A file with the password at the mail server; LEUKOSCOPE_SMTP_PASSWORD in the environment does the same.",
            valueName: "file"))
    var smtpPasswordFile: String?

    @Option(help: ArgumentHelp("The sender of the letters.", valueName: "address"))
    var mailFrom: String?

    /// What sends letters; nil without `--smtp`.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func sender() throws -> SMTPSender? {
        guard let smtp else { return nil }
        do {
            return try SMTPSender(
                url: smtp, authorities: smtpCa.map { URL(fileURLWithPath: $0) }, user: smtpUser, password: password(),
                from: mailFrom ?? "leukoscope@localhost")
        } catch let error as MailError {
            throw ProgramExit.stop(error.message, .validationFailure)
        }
    }

    private func password() throws -> String? {
        if let smtpPasswordFile {
            do {
                return try String(contentsOf: URL(fileURLWithPath: smtpPasswordFile), encoding: .utf8)
                    .trimmingCharacters(in: .newlines)
            } catch {
                throw ProgramExit.stop("\(smtpPasswordFile) cannot be read.", .validationFailure)
            }
        }
        return ProcessInfo.processInfo.environment["LEUKOSCOPE_SMTP_PASSWORD"]
    }
}
