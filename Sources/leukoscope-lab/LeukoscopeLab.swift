import ArgumentParser
import Offloading

/// Trains, measures and releases Leukoscope's networks.
@main
struct LeukoscopeLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leukoscope-lab",
        abstract: "Trains, measures and releases Leukoscope's networks.",
        discussion: """
            A model begins as folders of labelled images (Benign, Early, Pre, Pro):

              leukoscope-lab runs infer --data IMAGES --out RUNS  which images are of one run?
              leukoscope-lab dataset import IMAGES --into SET     copy, check, find duplicates
              leukoscope-lab cross-validate --data SET --out CV   how good is the recipe?
              leukoscope-lab audit --data SET --run CV            what does it lean on?
              leukoscope-lab near-domain --data SET --model RUN/package    when is it sure and wrong?
              leukoscope-lab compare --data SET --out RUNS        is another method better?
              leukoscope-lab train --data SET --out RUN           train and write a model package
              leukoscope-lab verdict fit --answers ANSWERS --model RUN/package     when is a case urgent?
              leukoscope evaluate --data OTHER --model RUN/package --report REPORT
              leukoscope-lab adapt --data OURS --model RUN/package --out FITTED    fit it to another microscope

            Exit codes: 0 done, 64 wrong usage, 65 bad input data, 69 a part is missing, 70 internal error.
            """,
        version: "2.3.0",
        subcommands: [
            DatasetCommand.self, RunsCommand.self, DrawCommand.self, TrainCommand.self, CrossValidateCommand.self,
            AuditCommand.self, NearDomainCommand.self,
            CompareCommand.self, NoveltyCommand.self, AdaptCommand.self, ExportCommand.self, CardCommand.self,
            StagesCommand.self, ScaleCommand.self, CellsCommand.self, VerdictCommand.self,
            BenchmarkTrainingCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            await Offloading.process.finish()
        } catch {
            await Offloading.process.finish()
            LabFailure.exit(with: error)
        }
    }
}
