import ArgumentParser
import Datasets
import Foundation
import Training

/// `leukoscope-lab benchmark-training`: the steps of a real training, timed; used by `Benchmarks/training.py`.
struct BenchmarkTrainingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark-training",
        abstract: "Times training steps, decoding and augmentation included.",
        shouldDisplay: false)

    @OptionGroup var options: TrainingOptions
    @OptionGroup var processes: ProcessOptions

    @Option(help: "Timed steps.")
    var steps = 20

    @Option(help: "Steps before the clock starts.")
    var warmUp = 3

    @Option(help: "Images a step.")
    var batch = 32

    @Option(help: "f32 or bf16.")
    var precision = "bf16"

    @Flag(help: "One JSON object on standard output.")
    var json = false

    func run() throws {
        let progress = LabProgress()
        var configuration = try options.configuration()
        configuration.batchSize = batch
        guard let precision = TrainingConfiguration.Precision(rawValue: precision) else {
            throw ValidationError("--precision \(precision): give f32 or bf16")
        }
        configuration.precision = precision
        let group = try processes.join("benchmark-training", progress)
        let dataset = try progress.dataset(in: options.data)
        let timing = try TrainingBenchmark(
            configuration: configuration, items: dataset.items.map(TrainingImage.init),
            pretrained: options.weightsFolder, group: group
        ).run(steps: steps, warmUp: warmUp)
        guard group.isFirst else { return }
        let milliseconds = timing.inSeconds * 1000 / Double(steps * batch)
        guard json else { return print(String(format: "%.2f ms an image", milliseconds)) }
        print(String(format: "{\"millisecondsPerImage\":%.4f,\"steps\":%d,\"batch\":%d}", milliseconds, steps, batch))
    }
}
