import ArgumentParser
import Clinic
import Foundation
import Screening

extension SitesCommand {
    /// `leukoscope sites control`
    struct Control: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Screens new photographs of control slides of a qualified microscope, and suspends it where they are wrong.",
            discussion: """
                A control slide is photographed again and again, to see that the microscope is still what it was. Folders, \
                persons.csv and methods are those of `sites qualify`; the person is the slide. Each slide is one check:

                  good  more than half of its fields were read rightly: what was answered before is good
                  open  neither; photograph the slide again
                  bad   half of its fields or more were read as the other kind, or look strange: the microscope is suspended

                A file counts once: photograph the slide anew. The microscope must be qualified for the active model.

                EXAMPLE
                  leukoscope sites control "Stand 2" --data monday --known-by flow-cytometry

                EXIT CODES
                  0   every slide was good
                  65  a slide was open or bad, or a file or the microscope could not be used
                """)

        @OptionGroup var controls: ControlOptions
        @OptionGroup(title: "Data") var data: DataOptions

        func run() async throws {
            try await controls.run(in: data) { folder, found, screener, sites in
                var isGood = true
                try await folder.screen(at: found, with: screener) { person, screened, refused in
                    if refused > 0 { isGood = false }
                    guard !screened.isEmpty else { return }
                    let result = try await sites.check(screened, of: person.label, at: found.id, by: .system)
                    if result != .good { isGood = false }
                    print("\(person.label.person)\t\(screened.count)\t\(result.rawValue)")
                }
                if !isGood { throw ProgramExit.badData }
            }
        }
    }
}
