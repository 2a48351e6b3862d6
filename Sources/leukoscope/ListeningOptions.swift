import ArgumentParser
import Clinic
import Foundation
import Web
import Wording

/// Where the server is reached, and how much of anybody it takes.
struct ListeningOptions: ParsableArguments {
    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: ArgumentHelp("Where people reach the site, such as https://smears.example.org.", valueName: "url"))
    var publicUrl: String?

    @Option(
        help: ArgumentHelp(
            "Who runs this server, as the notice names them to everybody who is asked for consent.", valueName: "name"))
    var operatorName: String?

    @Option(
        help: ArgumentHelp(
            "Where whoever runs this server is reached, such as an e-mail address or a telephone number.",
            valueName: "text"))
    var operatorContact: String?

    @Option(
        help: ArgumentHelp(
            "A certificate in PEM, with those that lead to its authority: the server itself speaks TLS. leukoscope certificate makes one for a closed network.",
            valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The key of --certificate in PEM, without a password.", valueName: "file"))
    var key: String?

    @Option(
        help: ArgumentHelp(
            "The language of whoever asks for none that there is, such as en, hi or ta.", valueName: "tag"))
    var language = TextCatalogue.base

    @Flag(help: "Let passwords and images cross a closed local network without encryption.")
    var allowHttp = false

    @Flag(help: "Believe the X-Forwarded-For of the reverse proxy that stands before the server.")
    var behindProxy = false

    @Option(help: ArgumentHelp("Images a minute that one address may send in the long run.", valueName: "count"))
    var imagesPerMinute = WebConfiguration().imagesPerMinute

    @Option(
        help: ArgumentHelp(
            "How long a body may keep the server waiting in all; after that it has to come with 256 bytes a second.",
            valueName: "seconds"))
    var bodyGrace = Int(ConnectionLimits().grace / .seconds(1))

    @Option(help: ArgumentHelp("Connections that one network address may have open at once.", valueName: "count"))
    var connectionsPerAddress = ConnectionLimits().connections

    @Option(help: ArgumentHelp("The folder of Bootstrap 5.", valueName: "dir"))
    var bootstrap: String = WebConfiguration().bootstrapDirectory.path

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key are given together.")
        }
        guard (operatorName == nil) == (operatorContact == nil) else {
            throw ValidationError("--operator-name and --operator-contact are given together.")
        }
        guard imagesPerMinute > 0 else { throw ValidationError("--images-per-minute must be at least 1.") }
        guard bodyGrace >= 0 else { throw ValidationError("--body-grace must be at least 0.") }
        guard connectionsPerAddress > 0 else { throw ValidationError("--connections-per-address must be at least 1.") }
    }

    /// The site's configuration as these options have it.
    ///
    /// - Parameter usesSNOMED: Whether codes of SNOMED CT may be told.
    /// - Throws: `WebError.configuration` for what does not go together; errors of the texts.
    func configuration(usesSNOMED: Bool) throws -> WebConfiguration {
        var configuration = WebConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.bootstrapDirectory = URL(filePath: bootstrap)
        configuration.imagesPerMinute = imagesPerMinute
        configuration.connections.grace = .seconds(bodyGrace)
        configuration.connections.connections = connectionsPerAddress
        let languages = try TextLibrary.languages()
        guard languages.contains(language) else {
            throw WebError(
                .configuration, fault: "--language is one of \(languages.joined(separator: ", ")), not “\(language)”.")
        }
        configuration.language = language
        configuration.allowsHTTP = allowHttp
        configuration.isBehindProxy = behindProxy
        configuration.usesSNOMED = usesSNOMED
        configuration.runBy = try runBy()
        if let certificate, let key {
            configuration.tls = TLSFiles(
                certificate: URL(fileURLWithPath: certificate), key: URL(fileURLWithPath: key))
        }
        if let publicUrl {
            guard let url = URL(string: publicUrl) else {
                throw WebError(.configuration, fault: "--public-url must look like https://smears.example.org.")
            }
            configuration.publicURL = url
        }
        try configuration.validate()
        return configuration
    }

    /// Whom the notice names; nil where no option does.
    private func runBy() throws -> Operator? {
        guard let operatorName, let operatorContact else { return nil }
        do { return try Operator(name: operatorName, contact: operatorContact) } catch let error as ClinicError {
            throw WebError(
                .configuration,
                fault: "--operator-name and --operator-contact are one line each: \(ProgramExit.words(error))")
        }
    }
}
