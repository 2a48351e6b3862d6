import ArgumentParser
import Datasets
import Foundation

/// `leukoscope-lab scale`.
struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "How many pixels wide a red cell is: measures the estimate.",
        subcommands: [Evaluate.self])
}

extension ScaleCommand {
    /// `leukoscope-lab scale evaluate`.
    struct Evaluate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Holds estimates against boxes that people drew, over acquisition runs, and on drawn smears.",
            discussion: """
                Images of bccd and txl are each resized by a known factor of 0.2 to 1.5; copies of one picture are left \
                out, and half of the rest, by groups of likeness, was never looked at while limits were chosen. Fields of \
                all-taleqani, where that folder is there, are widened to their true shape and compared with the usual \
                estimate of their run, whole and cut into quarters. Scripts/results.py makes docs/scale.md of the file.

                Example: leukoscope-lab scale evaluate --data sets --out docs/results/scale.json
                """)

        @Option(help: "Folder with bccd, txl and all-taleqani.", completion: .directory) var data: String
        @Option(help: "File for the results, as JSON.") var out: String
        @Option(help: "Seed of the factors.") var seed: UInt64 = 7

        func run() throws {
            let progress = LabProgress()
            let results = try ScaleTrial(
                folder: URL(fileURLWithPath: data), seed: seed, progress: progress.counter("measuring")
            ).run()
            try results.json().write(to: URL(fileURLWithPath: out), options: .atomic)
            let figures = results.heldOut
            print(
                String(
                    format: "%d held-out images: %.1f %% refused, median error %.1f %%, within 15 %%: %.1f %%",
                    figures.images, 100 * figures.refused, 100 * (figures.medianError ?? .nan),
                    100 * (figures.within15 ?? .nan)))
        }
    }
}
