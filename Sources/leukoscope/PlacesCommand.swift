import ArgumentParser
import Clinic
import Foundation
import Store

/// `leukoscope places`: the towns and postcodes that people choose from.
struct PlacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "places", abstract: "Loads the towns and postcodes that people choose from.",
        subcommands: [Load.self])

    struct Load: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads towns and postcodes into the database.",
            discussion: """
                leukoscope serve does this by itself. Towns that are there stay; postcodes replace those of another \
                file. Interrupted, it adds what is missing when it is started again. A server may run meanwhile. The towns are those of GeoNames (geonames.org, \
                CC BY 4.0), the postcodes those of the Countries States Cities Database (ODbL 1.0), made into files by \
                Scripts/bootstrap.sh.
                """)

        @Argument(
            help: ArgumentHelp(
                "A file of towns or of postcodes; by default those beside the program.", valueName: "file"))
        var file: String?
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            let files: [URL]
            if let file {
                files = [URL(fileURLWithPath: file)]
            } else if let places = PlaceFileLocation.find() {
                files = [places] + [PlaceFileLocation.postcodes(beside: places)].compactMap { $0 }
            } else {
                throw ProgramExit.stop(PlaceFileLocation.missing, ProgramExit.unavailable)
            }
            try await data.withInstallation { opened in
                for url in files {
                    if try PostcodeFile.isOne(url) {
                        try await Self.loadPostcodes(url, into: opened.database)
                    } else {
                        try await Self.loadPlaces(url, into: opened.database)
                    }
                }
            }
        }

        private static func loadPlaces(_ url: URL, into database: any ClinicDatabase) async throws {
            let file = try PlaceFile(url)
            let progress = ProgressLine(verb: "loaded", things: "places")
            let added = try await PlaceLoading(database: database).load(file, now: Date()) {
                progress.show(Int($0 * Double(file.count)), of: file.count)
            }
            progress.finish()
            print("\(added) places added, \(file.count - added) were there.")
        }

        private static func loadPostcodes(_ url: URL, into database: any ClinicDatabase) async throws {
            let file = try PostcodeFile(url)
            let loading = PostcodeLoading(database: database)
            guard try await loading.isNeeded(for: file) else { return print("The postcodes were there.") }
            let progress = ProgressLine(verb: "loaded", things: "rows of postcodes")
            try await loading.load(file, now: Date()) { progress.show($0, of: file.count) }
            progress.finish()
            print("\(file.count) rows of postcodes loaded.")
        }
    }
}

/// Where the files of towns and of postcodes are.
enum PlaceFileLocation {
    static let missing =
        "no file of places was found, so towns cannot be searched. Make it with Scripts/bootstrap.sh run, then load it "
        + "with: leukoscope places load FILE"

    /// Whether nothing is to be loaded: `LEUKOSCOPE_PLACES` is `none`.
    static var isUnwanted: Bool { ProcessInfo.processInfo.environment["LEUKOSCOPE_PLACES"] == "none" }

    /// `LEUKOSCOPE_PLACES`, or the installed file of towns; nil where there is none.
    static func find() -> URL? { InstalledFile.find("places/places.tsv", variable: "LEUKOSCOPE_PLACES") }

    /// `postcodes.tsv` in the folder of the file of towns; nil where there is none.
    static func postcodes(beside places: URL) -> URL? {
        InstalledFile.existing(places.deletingLastPathComponent().appending(path: "postcodes.tsv"))
    }
}
