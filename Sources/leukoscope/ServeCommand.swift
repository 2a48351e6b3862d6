import ArgumentParser
import Clinic
import Foundation
import Logging
import Packaging
import Screening
import Store
import Synchronization
import Web
import Wording

/// `leukoscope serve`: the web site and the API.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the web page and the API.",
        discussion: """
            Open the printed address in a browser, drop an image, and read the answer. Programs send images to \
            POST /api/v1/predict; /api/openapi.json describes it.

            Accounts, cases and images are in the data folder. As long as there is no administrator, each start prints \
            a link that makes one.

            On 127.0.0.1 POST /api/v1/predict is open to programs of this machine; everything else, and all of the API \
            with --public-url, needs a token: leukoscope tokens create --user E --name LABEL.

            For others to reach it, put a proxy with TLS before it:
              leukoscope serve --public-url https://smears.example.org --behind-proxy

            Ctrl-C or SIGTERM stops the server after the answers it is working on.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(
        help: ArgumentHelp(
            "The model package that answers uploads until administrators activate another; by default the shipped one.",
            valueName: "dir"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The model package that answers the drawn examples; by default the shipped one.", valueName: "dir"))
    var demonstrationModel: String?

    @OptionGroup(title: "Data")
    var data: DataOptions

    @Flag(
        help: ArgumentHelp(
            "Fill an empty database with fictional doctors, drawn smears and an account of each role, for trying the site; "
                + "their passwords are new at each start, and printed."))
    var demo = false

    @Option(help: ArgumentHelp("Where people reach the site, such as https://smears.example.org.", valueName: "url"))
    var publicUrl: String?

    @Option(
        help: ArgumentHelp(
            "The language of whoever asks for none that there is, such as en, hi or ta.", valueName: "tag"))
    var language = TextCatalogue.base

    @Flag(help: "Let passwords and images cross a closed local network without encryption.")
    var allowHttp = false

    @Flag(help: "Believe the X-Forwarded-For of the reverse proxy that stands before the server.")
    var behindProxy = false

    @Option(
        help: ArgumentHelp(
            "A file outside the database to which a line is added every hour that proves how long the audit log was; "
                + "see: leukoscope audit anchor --help.", valueName: "file"))
    var auditAnchor: String?

    @OptionGroup(title: "Mail")
    var mail: MailOptions

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
        guard imagesPerMinute > 0 else { throw ValidationError("--images-per-minute must be at least 1.") }
        guard bodyGrace >= 0 else { throw ValidationError("--body-grace must be at least 0.") }
        guard connectionsPerAddress > 0 else { throw ValidationError("--connections-per-address must be at least 1.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "leukoscope")
        logger.logLevel = .notice
        let configuration: WebConfiguration
        do { configuration = try self.configuration() } catch let error as WebError {
            throw ProgramExit.stop(ProgramExit.words(error), .validationFailure)
        }
        if !configuration.hasSecureCookies {
            ProgramExit.say("leukoscope: warning: --allow-http sends passwords and images unencrypted.")
        }
        let mail = try mail.sender()
        let release = try Self.shelf(ModelPackage.open(model))
        let demonstration = try demonstrationPackage().map(Self.demonstrationScreener)
        let opened = try await data.open()
        let parts = ServerParts(
            data: opened, models: release, modelFolder: data.directory.appending(path: "models"),
            demonstration: demonstration, mail: mail, anchors: auditAnchor.map { URL(fileURLWithPath: $0) },
            logger: logger)
        do { try await parts.loadActiveModel() } catch { throw DataOptions.exit(for: error) }
        let welcome = demo ? try await Self.fillDemonstration(parts, demonstration: demonstration) : []
        do {
            try await serve(parts, configuration: configuration, logger: logger, welcome: welcome)
        } catch let error as WebError {
            throw ProgramExit.stop(
                ProgramExit.words(error), error.code == .configuration ? .validationFailure : ProgramExit.unavailable)
        } catch let error as ClinicError {
            throw DataOptions.exit(for: error)
        } catch {
            throw ProgramExit.stop("the server cannot start: \(ProgramExit.words(error))", ProgramExit.internalError)
        }
        try await opened.database.close()
    }

    /// Serves until a signal, then lets the worker put back what it has not finished.
    private func serve(
        _ parts: ServerParts, configuration: WebConfiguration, logger: Logger, welcome: [String]
    ) async throws {
        let setup = try await parts.services.accounts.offerAdministratorSetup()
        let application = try await buildApplication(
            configuration: configuration, services: parts.services, logger: logger
        ) { address in
            print("Leukoscope is ready at \(address) (Ctrl-C stops it)")
            if let setup {
                let place = configuration.publicURL?.absoluteString.trimmingCharacters(in: ["/"]) ?? address
                print("There is no administrator yet. Within a day, open \(place)/setup/\(setup.text) to become one.")
            }
            for line in welcome { print(line) }
            fflush(nil)
        }
        let appointments = try AppointmentService(
            services: parts.services, configuration: configuration, logger: logger)
        let notices = try NoticeService(services: parts.services, configuration: configuration, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await parts.run(appointments) }
            group.addTask { await notices.run() }
            try await serveUntilStopped(application, configuration: configuration)
            group.cancelAll()
        }
    }

    private func configuration() throws -> WebConfiguration {
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
        if let publicUrl {
            guard let url = URL(string: publicUrl) else {
                throw WebError(.configuration, fault: "--public-url must look like https://smears.example.org.")
            }
            configuration.publicURL = url
        }
        try configuration.validate()
        return configuration
    }

    /// The models, held until the process is gone: were the last reference dropped on some other thread while `exit`
    /// already unloads OpenVINO's plugins, the process would crash in place of giving its exit code.
    ///
    /// Of the models that take each other's place the shelf is held, so that those which are replaced are freed at once:
    /// what frees them are tasks that the server awaits before it ends.
    private static let models = Mutex<[any AnyObject & Sendable]>([])

    private static func shelf(_ package: ModelPackage) throws -> ModelShelf {
        let shelf = ModelShelf(try screener(package))
        models.withLock { $0.append(shelf) }
        return shelf
    }

    private static func demonstrationScreener(_ package: ModelPackage) throws -> Screener {
        let screener = try screener(package)
        models.withLock { $0.append(screener) }
        return screener
    }

    private static func screener(_ package: ModelPackage) throws -> Screener {
        do {
            return try Screener(package: package)
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }

    /// The demonstration package; nil when none was named and none is shipped.
    private func demonstrationPackage() throws -> ModelPackage? {
        if let demonstrationModel { return try ModelPackage.open(demonstrationModel) }
        do {
            return try ModelPackage(directory: ModelLocation.find(name: "demonstration"))
        } catch let error as PackagingError where error.code == .notFound {
            return nil
        } catch {
            throw ProgramExit.stop("the demonstration model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }
}
