import Casework
import Clinic
import Findings
import Foundation
import Imaging
import Inference
import Screening

extension ControlFolder {
    /// Screens the fields person by person, with progress; files that cannot be used are told on standard error.
    ///
    /// - Parameters:
    ///   - site: Whose scale holds.
    ///   - deliver: Called with each person, their answers, and how many of their files could not be used.
    /// - Throws: What the screener throws of anything but a single file, and what `deliver` throws.
    func screen(
        at site: SmearSite, with screener: Screener,
        deliver: (Person, [Sites.ScreenedControl], Int) async throws -> Void
    ) async throws {
        let progress = ProgressLine(verb: "Screened")
        let scale = site.optics.siteScale
        var done = 0
        for person in people {
            var (screened, refused): ([Sites.ScreenedControl], Int) = ([], 0)
            var files = person.files.makeIterator()
            try await OrderedTasks.run(
                next: { files.next() }, width: screener.requests + 1,
                transform: { file -> Result<ScreeningOutcome, Refusal> in
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
                        refused += 1
                        ProgramExit.say("left out: \(refusal.file): \(refusal.reason)")
                    }
                    progress.show(done, of: count)
                })
            try await deliver(person, screened, refused)
        }
        progress.finish()
    }
}
