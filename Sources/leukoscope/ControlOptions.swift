import ArgumentParser
import Casework
import Clinic
import Foundation
import Inference
import Packaging
import Screening
import Store

/// Which control fields of which microscope, and the model that reads them.
struct ControlOptions: ParsableArguments {
    @Argument(help: "The name or identifier of the microscope.") var site: String
    @Option(
        name: .customLong("data"), help: ArgumentHelp("The folder that holds the class folders.", valueName: "dir"))
    var folder: String
    @Option(help: "How it is known what the people have, where persons.csv does not say.")
    var knownBy: ControlField.Method?
    @Option(
        help: ArgumentHelp(
            "The package that the servers call shipped; by default the one beside the program.", valueName: "dir"))
    var model: String?

    /// Runs what reads control fields of a microscope, with the model that answers there.
    func run(
        in data: DataOptions,
        _ work: (
            _ folder: ControlFolder, _ site: SmearSite, _ screener: Screener, _ sites: Sites
        ) async throws -> Void
    ) async throws {
        let folder = try open()
        let shipped = try ModelPackage.open(model)
        let opened = try await data.open()
        try await SitesCommand.usingModel {
            let sites = Sites(database: opened.database)
            let store = ModelStore(
                database: opened.database, archive: opened.archive, shipped: shipped,
                directory: data.directory.appending(path: "models"))
            try await work(
                folder, sites.find(site), store.screener(of: store.contents().active?.modelID), sites)
            try await opened.database.close()
        }
    }

    private func open() throws -> ControlFolder { try ControlFolder(URL(fileURLWithPath: folder), knownBy: knownBy) }
}

extension SitesCommand {
    /// Runs what reads control fields, with an exit code for what can go wrong.
    static func usingModel(_ work: () async throws -> Void) async throws {
        do { try await work() } catch let error as PackagingError {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        } catch let error as InferenceError {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        } catch let error as ClinicError where error.code == .invalid {
            // What was asked is right; the file or the microscope is not.
            throw ProgramExit.stop(ProgramExit.words(error), ProgramExit.badData)
        } catch {
            throw DataOptions.exit(for: error)
        }
    }
}
