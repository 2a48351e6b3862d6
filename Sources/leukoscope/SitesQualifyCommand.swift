import ArgumentParser
import Clinic
import Findings
import Formats
import Foundation
import Packaging
import Screening

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

        @OptionGroup var controls: ControlOptions
        @Flag(help: "Print the qualification as one JSON object.") var json = false
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await controls.run(in: data) { folder, found, screener, sites in
                let failed = try await screen(folder, at: found, with: screener, for: sites)
                let description = screener.package.description
                let qualification = try await sites.qualify(
                    found.id, for: .init(name: description.name, version: description.version), by: .system)
                try tell(qualification, limits: found.limits)
                if failed > 0 || !qualification.isPassed { throw ProgramExit.badData }
            }
        }

        /// Screens person by person, and keeps the answers.
        ///
        /// - Returns: How many files could not be used.
        private func screen(
            _ controls: ControlFolder, at site: SmearSite, with screener: Screener, for sites: Sites
        ) async throws -> Int {
            var failed = 0
            try await controls.screen(at: site, with: screener) { person, screened, refused in
                failed += refused
                _ = try await sites.add(screened, of: person.label, to: site.id, by: .system)
            }
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
