import ArgumentParser
import Clinic
import Findings
import Formats
import Foundation
import Store

/// `leukoscope sites`: microscopes, and what was shown of them.
struct SitesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sites",
        abstract: "Adds, lists, qualifies, checks and suspends microscopes, and tries the watch over them.",
        discussion: """
            A site is one microscope with its objective, camera and stain. Its benign answers reassure nobody until control \
            fields, known by another method, have shown that the active model is right on it. docs/sites.md has the rule.

            EXAMPLES
              leukoscope sites create --name "Stand 2" --objective "100x oil" --camera "Axiocam 208" --stain Leishman
              leukoscope sites qualify "Stand 2" --data control-fields --known-by flow-cytometry
              leukoscope sites control "Stand 2" --data control-slides --known-by flow-cytometry
              leukoscope sites suspend "Stand 2" --reason "the lamp was changed"
              leukoscope sites simulate --answers docs/results/verdict-fields.tsv

            EXIT CODES
              0   done; for qualify: qualified; for control: every slide was read rightly
              64  wrong usage, or a rule is broken
              65  there is no such microscope, a file could not be used, the limits were not reached, or a
                  control slide was not read rightly
              69  the database, the archive or the model cannot be used
              70  an error inside the program
            """,
        subcommands: [List.self, Create.self, Qualify.self, Control.self, Suspend.self, Simulate.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Lists microscopes: identifier, state, name, model and day of the qualification, separated by tabs.")

        @Flag(help: "One JSON object a line.") var json = false
        @OptionGroup(title: "Data") var data: DataOptions

        private struct Line: Encodable {
            let id: SiteID
            let name: String
            let qualification: String
            let model: ScreeningOutcome.Model?
            let qualifiedAt: Date?
            let suspension: String?
        }

        func run() async throws {
            try await data.withSites { sites in
                for entry in try await sites.list() {
                    let (site, qualification) = (entry.site, entry.qualification)
                    guard !json else {
                        let line = Line(
                            id: site.id, name: site.name, qualification: site.state.rawValue,
                            model: qualification?.model, qualifiedAt: qualification?.at,
                            suspension: site.suspension?.cause.rawValue)
                        print(try JSONFormat.line.text(line))
                        continue
                    }
                    print(
                        [
                            site.id.text, site.state.rawValue, site.name,
                            qualification.map { "\($0.model.name) \($0.model.version)" } ?? "",
                            qualification.map { $0.at.formatted(.iso8601.year().month().day()) } ?? "",
                        ].joined(separator: "\t"))
                }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a microscope, unqualified; prints its identifier.")

        @Option(help: "As people in the laboratory call it.") var name: String
        @Option(help: "Such as “100x oil”.") var objective: String
        @Option(help: "The camera.") var camera: String
        @Option(help: "Such as “Leishman”.") var stain: String
        @Option(
            help: ArgumentHelp(
                "How wide a pixel is, measured with a stage micrometer; wins over the red cells.",
                valueName: "micrometres"))
        var micrometresPerPixel: Double?
        @OptionGroup(title: "Limits") var limits: LimitOptions
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            let optics = SiteOptics(
                name: name, objective: objective, camera: camera, stain: stain,
                micrometresPerPixel: micrometresPerPixel)
            try await data.withSites { sites in
                print(try await sites.create(optics, limits: limits.limits, by: .system).id)
            }
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suspends a microscope: answers since its last good check are marked anew, and people are told.")

        @Argument(help: "The name or identifier of the microscope.") var site: String
        @Option(help: "Why, for whoever has answers of it.") var reason: String
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await data.withSites { sites in
                let found = try await sites.find(site)
                let count = try await sites.suspend(found.id, because: reason, by: .system)
                print("\(found.name) is suspended; \(count) answers are marked anew.")
            }
        }
    }

    /// What a qualification must show.
    struct LimitOptions: ParsableArguments {
        @Option(help: "The share of fields with leukaemia that are reported so must be above this.")
        var sensitivity = SiteLimits().sensitivity
        @Option(help: "The share of fields without leukaemia that are reported benign must be above this.")
        var specificity = SiteLimits().specificity
        @Option(help: "The share of either that is reported as the other must be below this.")
        var wrongReports = SiteLimits().wrongReports

        var limits: SiteLimits {
            SiteLimits(sensitivity: sensitivity, specificity: specificity, wrongReports: wrongReports)
        }
    }
}

extension DataOptions {
    /// Opens the data, does something with the microscopes, and closes it.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func withSites(_ body: (Sites) async throws -> Void) async throws {
        try await withInstallation { opened in
            try await body(Sites(database: opened.database))
        }
    }
}
