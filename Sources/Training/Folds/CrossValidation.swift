import Datasets
import Evaluation
import Findings
import Formats
import Foundation
import Imaging
import Packaging

/// Trains once a fold and measures each network on images that it never saw.
///
/// A finished fold is kept in `fold-K/result.json` and not trained again; an unfinished one goes on from its checkpoint.
public struct CrossValidation {
    let configuration: TrainingConfiguration
    let images: PreparedImages
    let split: String
    let folds: [Fold]
    let directory: URL
    let pretrained: URL
    let writesPackages: Bool
    let runs: RunCoverage?
    let group: ProcessGroup

    /// The images of one fold, as indices.
    public struct Fold: Sendable, Equatable {
        public let training: [Int]
        /// Part of the training side: for selection, calibration and thresholds.
        public let validation: [Int]
        public let test: [Int]

        public init(training: [Int], validation: [Int], test: [Int]) {
            (self.training, self.validation, self.test) = (training, validation, test)
        }
    }

    /// - Parameters:
    ///   - writesPackages: Leaves the model of each fold in `fold-K/package`.
    ///   - runs: What the split `runs` leaves out, for the results.
    ///   - group: The processes that train each fold together, all given the same.
    public init(
        configuration: TrainingConfiguration, images: PreparedImages, split: String, folds: [Fold], directory: URL,
        pretrained: URL, writesPackages: Bool = false, runs: RunCoverage? = nil, group: ProcessGroup = .alone
    ) {
        (self.configuration, self.images, self.split, self.folds) = (configuration, images, split, folds)
        (self.directory, self.pretrained, self.writesPackages) = (directory, pretrained, writesPackages)
        (self.runs, self.group) = (runs, group)
    }

    /// Runs the folds that are not finished yet, in order.
    /// - Parameter only: The folds to run, counted from 1; nil runs all.
    /// - Returns: The results of all folds when all are finished, else nil; nil in other processes than the first.
    public func run(
        only: Set<Int>?, foldStarted: (Int) -> Void, observe: @escaping (TrainingEvent) -> Void,
        shouldStop: @escaping () -> Bool
    ) throws -> CrossValidationResults? {
        try group.requireSame("\(split) \(folds.count) \(only?.sorted() ?? [])", "--split, --folds or --only")
        for number in 1...folds.count where only?.contains(number) ?? true {
            if try group.first({ try finished(number) != nil }) { continue }
            foldStarted(number)
            if let result = try runFold(number, observe: observe, shouldStop: shouldStop) { try write(result) }
        }
        guard group.isFirst else { return nil }
        let results = try (1...folds.count).compactMap { try finished($0) }
        guard results.count == folds.count else { return nil }
        return try gathered(results)
    }

    /// Makes the figures of all folds, and writes them with their charts.
    private func gathered(_ results: [FoldResult]) throws -> CrossValidationResults {
        let all = try CrossValidationResults(
            split: split, configuration: configuration, manifestSHA256: images.manifestSHA256,
            classKeys: images.classKeys, folds: results, runs: runs)
        try all.json().write(to: directory.appendingPathComponent("results.json"), options: .atomic)
        for (name, chart) in try CrossValidationCharts(results).files {
            try Data(chart.utf8).write(to: directory.appendingPathComponent(name), options: .atomic)
        }
        if writesPackages, results.count > 1 { try settlePackages(results) }
        return all
    }

    /// Gives each fold's package the limits that its test images were decided by.
    private func settlePackages(_ results: [FoldResult]) throws {
        let calibration = try JudgedFolds(results).calibration
        for (result, fit) in zip(results, calibration.fits) {
            let package = folder(result.fold).appendingPathComponent("package")
            guard FileManager.default.fileExists(atPath: package.path) else { continue }
            try ModelPackage(directory: package).settled(
                by: fit, coverage: calibration.settings.coverage, classKeys: images.classKeys)
        }
    }

    /// - Returns: Nil in other processes than the first.
    private func runFold(
        _ number: Int, observe: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws -> FoldResult? {
        let fold = folds[number - 1]
        let started = ContinuousClock.now
        let parts = Trainer.Parts(training: fold.training, validation: fold.validation)
        let outcome = try TrainingRun(
            configuration: configuration, images: images, parts: parts,
            directory: folder(number), pretrained: pretrained, group: group
        ).run(resume: true, observe: observe, shouldStop: shouldStop)
        let test = try NetworkPredictor(network: outcome.network).predict(
            cache: images.cache, labels: images.labels, indices: fold.test, sharedAmong: group)
        guard group.isFirst else { return nil }
        if writesPackages {
            try ModelRelease(
                configuration: configuration, images: images, parts: parts,
                identity: .init(name: "\(split)-fold-\(number)", version: "0.0.0")
            ).write(outcome, measured: .init(), to: folder(number).appendingPathComponent("package"))
        }
        let novelty = try AppearanceNovelty(of: images, indices: fold.training + fold.validation)
        let quality = try QualityLimits(of: images, indices: fold.training)
        let seen = try AuditImages.concurrently(fold.test) { [images] in
            let original = try images.cache.sight.decode([UInt8](Data(contentsOf: images.items[$0].url))).image
            return try TestImageMeasurement.measure(images.cache.image($0), of: original, novelty: novelty)
        }
        return FoldResult(
            fold: number, split: split, name: name(number), configurationJSON: try configuration.decisiveJSON(),
            manifestSHA256: images.manifestSHA256,
            trainingClassCounts: images.classKeys.indices.map { label in
                fold.training.count { images.labels[$0] == label }
            },
            test: test.answers(images.items, split: split),
            validation: outcome.validation.answers(images.items, split: split),
            temperature: outcome.calibrated.temperature, noveltyThreshold: AppearanceNovelty.threshold,
            benignNoveltyThreshold: try outcome.benignNoveltyLimit(images, novelty: novelty, quality: quality)?.value,
            novelties: seen.map(\.score), measurements: seen.map(\.measurement),
            qualityLimits: quality,
            epochs: outcome.history.epochs, seconds: (ContinuousClock.now - started).inSeconds)
    }

    /// The series that a fold of the split `series` leaves out: that of most of its images, since a duplicate group may have
    /// brought one of another.
    private func name(_ number: Int) -> String {
        guard split == "series" else { return "fold \(number)" }
        let counts = Dictionary(
            folds[number - 1].test.compactMap { images.items[$0].series.map { ($0, 1) } }, uniquingKeysWith: +)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "fold \(number)"
    }

    private func folder(_ number: Int) -> URL { directory.appendingPathComponent("fold-\(number)") }

    private func file(_ number: Int) -> URL { folder(number).appendingPathComponent("result.json") }

    private func finished(_ number: Int) throws -> FoldResult? {
        guard FileManager.default.fileExists(atPath: file(number).path) else { return nil }
        let result: FoldResult
        do { result = try JSONDecoder().decode(FoldResult.self, from: Data(contentsOf: file(number))) } catch {
            throw TrainingError(
                .run,
                "\(file(number).path) cannot be read, or another version wrote it; without it the fold is "
                    + "answered anew from its checkpoint (\(error))"
            )
        }
        guard result.manifestSHA256 == images.manifestSHA256, result.split == split,
            try configuration.decidesAs(result.configurationJSON, source: file(number).path)
        else {
            throw TrainingError(
                .run,
                "\(file(number).path) was made with another configuration, split or data set; "
                    + "use an empty folder, or the same ones")
        }
        return result
    }

    private func write(_ result: FoldResult) throws {
        try JSONFormat.line.data(result).write(to: file(result.fold), options: .atomic)
    }
}

extension CrossValidation.Fold {
    /// The folds of a data set: test parts by the split, of each rest a validation part.
    /// - Parameters:
    ///   - method: How the folds are cut.
    ///   - count: The number of folds; `series` has one a series, `runs` fewer where a class has fewer runs.
    /// - Throws: `DatasetError` for a set that cannot be cut so.
    public static func all(
        of dataset: Dataset, method: SplitMethod, count: Int, configuration: TrainingConfiguration
    ) throws -> [CrossValidation.Fold] {
        try Split.folds(of: dataset, method: method, count: count, seed: configuration.seed).map { test in
            let rest = Split.training(without: test, of: dataset, method: method)
            let validation = try Split.validation(
                of: rest, in: dataset, fraction: configuration.validationFraction, seed: configuration.seed)
            let held = Set(validation)
            return CrossValidation.Fold(
                training: rest.filter { !held.contains($0) }, validation: validation, test: test)
        }
    }
}
