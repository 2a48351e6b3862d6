import ArgumentParser
import Casework
import Clinic
import Datasets
import Findings
import Formats
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Store

extension SitesCommand {
    /// `leukoscope sites qualify`
    struct Qualify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Screens control fields of a microscope with the active model, and qualifies it where they show enough.",
            discussion: """
                The folders are named after the classes, for example Benign, Early, Pre and Pro; fields of people without \
                leukaemia are in Benign. Whose field it is stands in persons.csv beside the folders, with the columns file and \
                person, and known_by where the method is not the same for all; or before the first underscore of the file's \
                name, as in P17_03.png; or in the manifest of an imported set. Use codes, never names.

                What the people have must be known by another method: flow-cytometry, cytogenetics, marrow-histology, or \
                follow-up (stayed well for a year, for people without leukaemia).

                The answers are kept with the site, the pictures are not. Files that were screened before with this model count \
                once. Fields of one person count together, and every limit is held with 95 % confidence over people; with \
                fields of people without leukaemia alone, specificity is stated and the site stays what it was.
                """)

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
        @Flag(help: "Print the qualification as one JSON object.") var json = false
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            let controls = try ControlFolder(URL(fileURLWithPath: folder), knownBy: knownBy)
            let shipped = try ModelPackage.open(model)
            let opened = try await data.open()
            do {
                let sites = Sites(database: opened.database)
                let found = try await sites.find(site)
                let store = ModelStore(
                    database: opened.database, archive: opened.archive, shipped: shipped,
                    directory: data.directory.appending(path: "models"))
                let screener = try await store.screener(of: store.contents().active?.modelID)
                let failed = try await screen(controls, at: found, with: screener, for: sites)
                let description = screener.package.description
                let qualification = try await sites.qualify(
                    found.id, for: .init(name: description.name, version: description.version), by: .system)
                try await opened.database.close()
                try tell(qualification, limits: found.limits)
                if failed > 0 || !qualification.isPassed { throw ProgramExit.badData }
            } catch let error as PackagingError {
                throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
            } catch let error as InferenceError {
                throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
            } catch {
                throw DataOptions.exit(for: error)
            }
        }

        /// Screens person by person, and keeps the answers.
        ///
        /// - Returns: How many files could not be used.
        private func screen(
            _ controls: ControlFolder, at site: SmearSite, with screener: Screener, for sites: Sites
        ) async throws -> Int {
            let progress = ProgressLine(verb: "Screened")
            var (done, failed) = (0, 0)
            for person in controls.people {
                var screened: [Sites.ScreenedControl] = []
                var files = person.files.makeIterator()
                let scale = site.optics.siteScale
                try await OrderedTasks.run(
                    next: { files.next() }, width: screener.engine.requests + 1,
                    transform: { file -> Result<ScreeningOutcome, ControlFolder.Refusal> in
                        do {
                            return .success(try await screener.screen(screener.file(file, site: scale)))
                        } catch let error where error is ImagingError || error is ScreeningError {
                            return .failure(.init(file: file.path, reason: "\(error)"))
                        }
                    },
                    deliver: { result in
                        done += 1
                        switch result {
                        case .success(let outcome): screened.append(Sites.ScreenedControl(outcome))
                        case .failure(let refusal):
                            failed += 1
                            ProgramExit.say("left out: \(refusal.file): \(refusal.reason)")
                        }
                        progress.show(done, of: controls.count)
                    })
                _ = try await sites.add(screened, of: person.label, to: site.id, by: .system)
            }
            progress.finish()
            return failed
        }

        private struct Told: Encodable {
            let site: SiteID
            let passed: Bool
            let model: ScreeningOutcome.Model
            let limits: SiteLimits
            let figures: QualificationFigures
        }

        private func tell(_ qualification: SiteQualification, limits: SiteLimits) throws {
            guard !json else {
                let told = Told(
                    site: qualification.siteID, passed: qualification.isPassed, model: qualification.model,
                    limits: limits, figures: qualification.figures)
                return print(try JSONFormat.line.text(told))
            }
            let figures = qualification.figures
            for (name, share) in zip(
                ["sensitivity", "specificity", "leukaemia reported benign", "no leukaemia reported malignant"],
                figures.shares)
            {
                print(Self.line(name, share))
            }
            let model = "\(qualification.model.name) \(qualification.model.version)"
            print(qualification.isPassed ? "Qualified for \(model)." : "Not qualified for \(model).")
            guard !qualification.isPassed else { return }
            for (kind, isMalignant) in [("with leukaemia", true), ("without leukaemia", false)] {
                guard let more = figures.morePeople(withLeukaemia: isMalignant, limits: limits) else {
                    print(
                        "People \(kind): too many errors, no number would do; see leukoscope-lab adapt, and qualify anew "
                            + "with people who had no part in that.")
                    continue
                }
                if more > 0 { print("People \(kind): about \(more) more are needed.") }
            }
        }

        private static func line(_ name: String, _ share: QualificationFigures.Share?) -> String {
            let padded = name.padding(toLength: 32, withPad: " ", startingAt: 0)
            guard let share else { return padded + "nobody of this kind" }
            let isUpper = share.limit >= share.value
            return padded
                + String(
                    format: "%5.1f %%  %@ %5.1f %%  must be %@ %5.1f %%  %d people, %d fields%@", 100 * share.value,
                    isUpper ? "below" : "above", 100 * share.limit, isUpper ? "below" : "above",
                    100 * share.required, share.people, share.fields, share.isReached ? "" : "  not reached")
        }
    }
}

extension ControlField.Method: ExpressibleByArgument {}
