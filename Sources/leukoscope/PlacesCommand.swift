import ArgumentParser
import Clinic
import Foundation

/// `leukoscope places`: the towns that people choose from.
struct PlacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "places", abstract: "Loads the towns that people choose from.", subcommands: [Load.self])

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads towns into the database; those that are there stay.",
            discussion: """
                leukoscope serve does this by itself. Interrupted, it goes on where it was when it is started again. The \
                towns are those of GeoNames (geonames.org, CC BY 4.0), made into a file by Scripts/bootstrap.sh.
                """)

        @Argument(help: ArgumentHelp("The file of towns; by default the one beside the program.", valueName: "file"))
        var file: String?
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            guard let url = file.map({ URL(fileURLWithPath: $0) }) ?? PlaceFileLocation.find() else {
                throw ProgramExit.stop(PlaceFileLocation.missing, ProgramExit.unavailable)
            }
            let opened = try await data.open()
            do {
                let file = try PlaceFile(url)
                let progress = ProgressLine(verb: "loaded", things: "places")
                let added = try await PlaceLoading(database: opened.database).load(file) {
                    progress.show($0, of: file.count)
                }
                progress.finish()
                print("\(added) places added, \(file.count - added) were there.")
                try await opened.database.close()
            } catch {
                throw DataOptions.exit(for: error)
            }
        }
    }
}

/// Where the file of towns is.
enum PlaceFileLocation {
    static let missing =
        "no file of places was found, so towns cannot be searched. Make it with Scripts/bootstrap.sh run, then load it "
        + "with: leukoscope places load FILE"

    /// Whether nothing is to be loaded: `LEUKOSCOPE_PLACES` is `none`.
    static var isUnwanted: Bool { ProcessInfo.processInfo.environment["LEUKOSCOPE_PLACES"] == "none" }

    /// `LEUKOSCOPE_PLACES`, `places/places.tsv` in `LEUKOSCOPE_DEPS`, or in `.deps` of the working directory, beside the
    /// program or above it; nil where there is none.
    static func find() -> URL? {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["LEUKOSCOPE_PLACES"], !path.isEmpty { return existing(URL(fileURLWithPath: path)) }
        let name = "places/places.tsv"
        if let path = environment["LEUKOSCOPE_DEPS"], !path.isEmpty,
            let url = existing(URL(fileURLWithPath: path).appending(path: name))
        {
            return url
        }
        var folders = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var folder = (Bundle.main.executableURL ?? folders[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<5 {
            folders.append(folder)
            folder = folder.deletingLastPathComponent()
        }
        return folders.lazy.compactMap { existing($0.appending(path: ".deps/\(name)")) }.first
    }

    private static func existing(_ url: URL) -> URL? {
        FileManager.default.isReadableFile(atPath: url.path) ? url : nil
    }
}
