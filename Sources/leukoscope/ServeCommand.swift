import ArgumentParser
import Clinic
import CoreMetrics
import Foundation
import Logging
import Packaging
import Store
import Telemetry
import Web

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
            Without a proxy, on a closed network:
              leukoscope serve --host 0.0.0.0 --port 8443 --public-url https://smears.lan:8443 \
                --certificate tls/certificate.pem --key tls/certificate.key

            Ctrl-C or SIGTERM stops the server after the answers it is working on.
            """)

    @OptionGroup(title: "Listening")
    var listening: ListeningOptions

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

    @Option(
        help: ArgumentHelp(
            "A file outside the database to which a line is added every hour that proves how long the audit log was; "
                + "see: leukoscope audit anchor --help.", valueName: "file"))
    var auditAnchor: String?

    @OptionGroup(title: "Remote inference")
    var inference: InferenceServerOptions

    @OptionGroup(title: "Periods")
    var retention: RetentionOptions

    @OptionGroup(title: "Mail")
    var mail: MailOptions

    @OptionGroup(title: "Whole slides")
    var slides: SlideOptions

    @OptionGroup(title: "Telemetry")
    var telemetry: TelemetryOptions

    @OptionGroup(title: "Short messages")
    var messages: MessageOptions

    @OptionGroup(title: "Other systems")
    var exchange: ExchangeOptions

    func run() async throws {
        telemetry.bootstrapLog()
        var logger = Logger(label: "leukoscope")
        logger.logLevel = .notice
        let configuration: WebConfiguration
        do { configuration = try listening.configuration(usesSNOMED: exchange.snomedCt) } catch let error as WebError {
            throw ProgramExit.stop(ProgramExit.words(error), .validationFailure)
        }
        if !configuration.hasSecureCookies {
            ProgramExit.say("leukoscope: warning: --allow-http sends passwords and images unencrypted.")
        }
        let mail = try mail.sender()
        let exporter = try telemetry.exporter(logger)
        let periods = try retention.policy(hasMail: mail != nil)
        let messages = try messages.gateway()
        let remote = try inference.remote(logger: logger)
        let release = try ServedModels.shelf(ModelPackage.open(model), front: remote)
        let demonstration = try ServedModels.demonstration(demonstrationModel)
        let opened = try await data.open()
        let parts = try ServerParts(
            data: opened, models: release, inference: remote,
            modelFolder: data.directory.appending(path: "models"), demonstration: demonstration, mail: mail,
            messages: messages, subscribers: exchange.subscribers, slides: slides.choice,
            anchors: auditAnchor.map { URL(fileURLWithPath: $0) }, retention: periods, logger: logger)
        do { try await parts.loadActiveModel() } catch { throw DataOptions.exit(for: error) }
        let welcome =
            demo
            ? try await Self.fillDemonstration(
                parts, demonstration: demonstration, runBy: configuration.runBy) : []
        do {
            try await serve(
                parts, configuration: configuration, exporter: exporter, logger: logger, welcome: welcome)
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
        _ parts: ServerParts, configuration: WebConfiguration, exporter: OTLPExporter?, logger: Logger,
        welcome: [String]
    ) async throws {
        let metrics = MetricsRegistry.ofSite()
        MetricsSystem.bootstrap(metrics)
        let setup = try await parts.services.accounts.offerAdministratorSetup()
        try await OperatorRecord(database: parts.services.database).keep(configuration.runBy)
        let (addresses, address) = AsyncStream<String>.makeStream()
        let application = try await buildApplication(
            configuration: configuration, services: parts.services, metrics: metrics, logger: logger
        ) { local in
            print("Leukoscope is ready at \(local) (Ctrl-C stops it)")
            let place = PublicAddress.plain(configuration.publicURL?.absoluteString ?? local)
            address.yield(place)
            address.finish()
            if let setup {
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
            if let exporter { group.addTask { await exporter.run() } }
            group.addTask {
                for await place in addresses {
                    do { try await PublicAddress(database: parts.services.database).keep(place) } catch {
                        logger.warning("the address could not be kept", metadata: ["error": "\(error)"])
                    }
                    // What is told of a case names where it can be read.
                    await SubscriptionService(services: parts.services, address: place, logger: logger).run()
                }
            }
            try await serveUntilStopped(application, configuration: configuration)
            group.cancelAll()
        }
    }
}
