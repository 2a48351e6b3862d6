import ArgumentParser
import Foundation
import Logging
import Packaging
import Screening
import Synchronization
import Web

/// `leukoscope serve`: the web site and the API.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the web page and the API.",
        discussion: """
            Open the printed address in a browser, drop an image, and read the answer. Programs send images to \
            POST /api/v1/predict; /api/openapi.json describes it.

            On 127.0.0.1 the API is open. On any other address it needs --api-token-file, a file with the SHA-256 \
            of one token a line:
              TOKEN=$(openssl rand -hex 32); printf %s "$TOKEN" | sha256sum | cut -d' ' -f1 >> tokens

            Ctrl-C or SIGTERM stops the server after the answers it is working on.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: ArgumentHelp("The model package that answers uploads; by default the shipped one.", valueName: "dir"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The model package that answers the drawn examples; by default the shipped one.", valueName: "dir"))
    var demonstrationModel: String?

    @Option(help: ArgumentHelp("SHA-256 digests of the tokens that may call the API, one a line.", valueName: "file"))
    var apiTokenFile: String?

    @Option(help: ArgumentHelp("Images a minute that one address may send in the long run.", valueName: "count"))
    var imagesPerMinute = WebConfiguration().imagesPerMinute

    @Option(help: ArgumentHelp("The folder of Bootstrap 5.", valueName: "dir"))
    var bootstrap: String = WebConfiguration().bootstrapDirectory.path

    func validate() throws {
        guard imagesPerMinute > 0 else { throw ValidationError("--images-per-minute must be at least 1.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "leukoscope")
        logger.logLevel = .notice
        let configuration: WebConfiguration
        do { configuration = try self.configuration() } catch let error as WebError {
            throw ProgramExit.stop(error.message, .validationFailure)
        }
        let release = try Self.screener(ModelPackage.open(model))
        let demonstration = try demonstrationPackage().map(Self.screener)
        do {
            let application = try await buildApplication(
                configuration: configuration, release: release, demonstration: demonstration, logger: logger
            ) { address in
                print("Leukoscope is ready at \(address) (Ctrl-C stops it)")
                fflush(nil)
            }
            do { try await application.runService() } catch {
                throw WebError(stopping: error, configuration: configuration)
            }
        } catch let error as WebError {
            throw ProgramExit.stop(
                error.message, error.code == .configuration ? .validationFailure : ProgramExit.unavailable)
        } catch {
            throw ProgramExit.stop("the server cannot start: \(error)", ProgramExit.internalError)
        }
    }

    private func configuration() throws -> WebConfiguration {
        var configuration = WebConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.bootstrapDirectory = URL(filePath: bootstrap)
        configuration.imagesPerMinute = imagesPerMinute
        if let apiTokenFile {
            do {
                configuration.apiTokens = try APITokens(
                    parsing: String(contentsOf: URL(filePath: apiTokenFile), encoding: .utf8))
            } catch let error as WebError {
                throw error
            } catch {
                throw WebError(.configuration, "The token file \(apiTokenFile) cannot be read.")
            }
        }
        try configuration.validate()
        return configuration
    }

    /// The models, held until the process is gone: were the last reference dropped on some other thread while `exit`
    /// already unloads OpenVINO's plugins, the process would crash in place of giving its exit code.
    private static let models = Mutex<[Screener]>([])

    private static func screener(_ package: ModelPackage) throws -> Screener {
        do {
            let screener = try Screener(package: package)
            models.withLock { $0.append(screener) }
            return screener
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
