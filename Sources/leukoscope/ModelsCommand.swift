import ArgumentParser
import Casework
import Clinic
import Foundation
import Packaging
import Screening
import Store

/// `leukoscope models`: the packages that a site screens with.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Installs, lists, activates and removes the models of a site.",
        discussion: """
            Servers that run follow an activation within seconds, all nodes alike, without a restart; screenings under \
            way finish with the model that they began with. To roll back, activate the earlier model, or “shipped”.

            EXAMPLES
              leukoscope models install runs/second/package
              leukoscope models list
              leukoscope models activate 3Jq… --reason "second readings of 2026"

            EXIT CODES
              0   done
              64  wrong usage, or a rule is broken (the model is active already)
              65  the package was refused, or there is no such model
              69  the database or the archive cannot be used
              70  an error inside the program
            """,
        subcommands: [List.self, Install.self, Activate.self, Remove.self, Network.self])

    /// How the model that came with the program is named.
    static let shipped = "shipped"

    /// Where the data are, and the package that came with the program.
    struct Site: ParsableArguments {
        @OptionGroup(title: "Data") var data: DataOptions
        @Option(
            help: ArgumentHelp(
                "The package that the servers call shipped; by default the one beside the program.", valueName: "dir"))
        var model: String?

        /// Opens the data, does something with the models, and closes it.
        ///
        /// - Throws: `ExitCode` after the reason went to standard error.
        func withModels(_ body: (ModelStore) async throws -> Void) async throws {
            let shipped = try ModelPackage.open(model)
            let opened = try await data.open()
            let store = ModelStore(
                database: opened.database, archive: opened.archive, shipped: shipped,
                directory: data.directory.appending(path: "models"))
            do {
                try await body(store)
                try await opened.database.close()
            } catch let error as ModelRefusal {
                throw ProgramExit.stop("the package was not installed. " + Self.words(error), ProgramExit.badData)
            } catch let error as PackagingError {
                throw ProgramExit.stop("the package cannot be used: \(error)", ProgramExit.badData)
            } catch {
                throw DataOptions.exit(for: error)
            }
        }

        /// Why a model is worse or cannot be compared, with the figures.
        static func words(_ refusal: ModelRefusal) -> String {
            let rows = (refusal.comparison?.rows ?? []).map { row in
                String(
                    format: "  %@  package %.4f   active %.4f   at least %.4f%@",
                    row.figure.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0), row.candidate, row.active,
                    row.floor, row.isWorse ? "   worse" : "")
            }
            return ([ProgramExit.words(refusal)] + rows).joined(separator: "\n")
        }
    }

    /// A model by its identifier or as `shipped`.
    static func identifier(_ text: String) throws -> InstalledModelID? {
        if text == shipped { return nil }
        guard let id = InstalledModelID(text) else {
            throw ValidationError("“\(text)” is no model: give an identifier that “models list” prints, or “shipped”.")
        }
        return id
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists models, newest first: identifier, state, name, version and day, separated by tabs.")

        @OptionGroup var site: Site

        func run() async throws {
            try await site.withModels { store in
                let (models, active) = try await store.contents()
                for model in models {
                    let state = active?.modelID == model.id ? "active" : "installed"
                    print(
                        [
                            model.id.text, state, model.name, model.version,
                            model.installedAt.formatted(.iso8601.year().month().day()),
                        ].joined(separator: "\t"))
                }
                let description = store.shipped.description
                let state = active?.modelID == nil ? "active" : "installed"
                print(
                    [ModelsCommand.shipped, state, description.name, description.version, ""].joined(separator: "\t"))
            }
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a package, compares it with the active model, and stores it; prints its identifier.",
            discussion: """
                The package is verified, tried on drawn smears, and refused when its macro-F1 or its sensitivity for \
                malignant classes is below the active model's by more than half a percentage point, or below the lower \
                end of its 95 % interval, or when the figures were not found in the same way on the same images.
                """)

        @Argument(help: ArgumentHelp("The package's directory, or a .zip or .tar of it.", valueName: "package"))
        var package: String

        @Option(
            help: ArgumentHelp(
                "Take it although it is worse or cannot be compared; the reason goes into the audit log.",
                valueName: "reason"))
        var despiteMetrics: String?

        @OptionGroup var site: Site

        func validate() throws {
            if let despiteMetrics, despiteMetrics.trimmingCharacters(in: .whitespaces).count < 8 {
                throw ValidationError("--despite-metrics needs a reason that others will understand.")
            }
        }

        func run() async throws {
            try await site.withModels { store in
                let installed = try await store.install(
                    try Self.files(package), by: .system, despiteMetrics: despiteMetrics)
                ProgramExit.say("Installed \(installed.model.name) \(installed.model.version). Not active yet.")
                print(installed.model.id)
            }
        }

        private static func files(_ path: String) throws -> PackageFiles {
            let url = URL(fileURLWithPath: path)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
                throw PackagingError(.notFound, "there is no such package", path: url.path)
            }
            if isDirectory.boolValue { return try PackageFiles(directory: url) }
            do {
                return try PackageFiles(archive: [UInt8](Data(contentsOf: url, options: .mappedIfSafe)))
            } catch let error as CocoaError {
                throw PackagingError(.inputOutput, "cannot be read", path: url.path, underlying: error)
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a model the one that screens, on every node.",
            discussion: """
                A model that is worse than the active one by the rule of “models install”, or cannot be compared with it, is \
                activated too, since rolling back is activating; the warning says what is lost.
                """)

        @Argument(help: ArgumentHelp("An identifier from “models list”, or “shipped”.", valueName: "model"))
        var model: String
        @Option(help: "Why, for the other administrators.")
        var reason: String
        @OptionGroup var site: Site

        func validate() throws { _ = try ModelsCommand.identifier(model) }

        func run() async throws {
            let id = try ModelsCommand.identifier(model)
            try await site.withModels { store in
                await Self.warn(of: id, in: store)
                let activation = try await store.activate(id, by: .system, reason: reason)
                print("Activation \(activation.sequence): servers that run follow within seconds.")
            }
        }

        /// Whatever is wrong with the figures must not keep anybody from rolling back.
        private static func warn(of id: InstalledModelID?, in store: ModelStore) async {
            do {
                let comparison = try await store.comparison(activating: id)
                guard !comparison.isAcceptable else { return }
                ProgramExit.say("Warning: \(Site.words(ModelRefusal(comparison)))")
            } catch {
                ProgramExit.say("Warning: the figures cannot be compared. \(ProgramExit.words(error))")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes an installed model that is not active.")

        @Argument(help: ArgumentHelp("An identifier from “models list”.", valueName: "model"))
        var model: String
        @OptionGroup var site: Site

        func validate() throws {
            guard try ModelsCommand.identifier(model) != nil else {
                throw ValidationError("The model that came with the program cannot be removed.")
            }
        }

        func run() async throws {
            guard let id = try ModelsCommand.identifier(model) else { return }
            try await site.withModels { try await $0.remove(id, by: .system) }
        }
    }
}
