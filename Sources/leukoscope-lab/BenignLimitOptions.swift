import ArgumentParser
import Datasets
import Evaluation
import Findings
import Foundation
import Packaging
import Screening
import Training

/// How `leukoscope-lab novelty` chooses up to which novelty Benign is told.
struct BenignLimitOptions: ParsableArguments {
    @Option(help: "Configuration that the package was trained with: it tells which images were held out.")
    var config: String?

    @Option(help: "Greatest share of the held-out benign images whose answer may be given up, 0 to under 1.")
    var givenUp = BenignNoveltyLimit.standardShare

    func validate() throws {
        guard givenUp >= 0, givenUp < 1 else { throw ValidationError("--given-up is a share, from 0 to under 1") }
    }

    /// Asks the package, as a person would, about the benign images that it did not learn from.
    /// - Throws: `TrainingError` where no such image would be reported as Benign; what the screening throws.
    func limit(
        of package: ModelPackage, on dataset: Dataset, _ progress: LabProgress
    ) async throws -> BenignNoveltyLimit {
        let heldOut = try HeldOutImages.places(in: dataset, of: package, config: config)
        let benign = dataset.items.indices.filter {
            heldOut.contains($0) && dataset.items[$0].label == SmearClass.benign.index
        }
        let screener = try Screener(package: package)
        var novelties: [Double] = []
        for (done, place) in benign.enumerated() {
            let outcome = try await screener.screen(contentsOf: dataset.items[place].url)
            if outcome.label == .benign, Self.isReported(outcome) { novelties.append(outcome.novelty) }
            progress.count("asking", done + 1, of: benign.count)
        }
        guard
            let limit = try BenignNoveltyLimit(
                novelties: novelties, share: givenUp, threshold: package.description.novelty.threshold)
        else {
            throw TrainingError(
                .data,
                "of \(benign.count) benign images held out of training none would be reported as Benign"
                    + (config == nil ? "; --config tells which images of its own set a package did not learn from" : "")
            )
        }
        return limit
    }

    /// Whether the answer is a report but for a limit that is there already.
    private static func isReported(_ outcome: ScreeningOutcome) -> Bool {
        outcome.decision == .report
            || outcome.reasons.allSatisfy { if case .tooUnfamiliarForBenign = $0 { true } else { false } }
    }
}

extension BenignNoveltyLimit {
    /// What was chosen, in a line.
    var line: String {
        String(format: "Benign up to a novelty of %.4f: ", value)
            + "\(givenUp) of \(images) held-out benign images that were reported are left open"
    }
}
