import Datasets
import Evaluation
import Foundation
import Training

extension Comparison {
    /// Trains the folds that no folder holds, and measures the networks.
    func measureNetwork(_ name: String, _ configuration: TrainingConfiguration) throws -> [MeasuredFold] {
        var prepared: PreparedImages?
        return try numbers.map { number in
            let directory = plan.finished[name] ?? plan.directory.appendingPathComponent(name)
            if !FoldNetworks.isFinished(number, in: directory) {
                guard plan.finished[name] == nil else {
                    throw ComparisonError(.file, "\(directory.path) holds no finished fold \(number)")
                }
                try report(name, number, "training")
                let images = try prepared ?? images(configuration)
                prepared = images
                try train(configuration, images: images, number: number, directory: directory)
            }
            return try measure(name, number, configuration, directory: directory)
        }
    }

    private func images(_ configuration: TrainingConfiguration) throws -> PreparedImages {
        try PreparedImages(
            items: items, classKeys: plan.classKeys, manifestSHA256: plan.dataset.manifest.sha256,
            configuration: configuration, observe: observer.training)
    }

    private func train(
        _ configuration: TrainingConfiguration, images: PreparedImages, number: Int, directory: URL
    ) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let folds = try CrossValidation.Fold.all(
            of: plan.dataset, method: plan.split, count: plan.foldCount, configuration: configuration)
        _ = try CrossValidation(
            configuration: configuration, images: images, split: plan.split.rawValue, folds: folds,
            directory: directory, pretrained: plan.pretrained
        ).run(only: [number], foldStarted: { _ in }, observe: observer.training, shouldStop: observer.shouldStop)
    }

    private func measure(
        _ name: String, _ number: Int, _ configuration: TrainingConfiguration, directory: URL
    ) throws -> MeasuredFold {
        let networks = try FoldNetworks(directory: directory, numbers: [number])
        let (result, file) = (networks.folds[0], FoldNetworks.result(number, in: directory))
        let isOfMethod = try configuration.decidesAs(result.configurationJSON, source: file.path)
        try check(result, number: number, file: file, isOfMethod: isOfMethod)
        let digest = try Data(contentsOf: file).sha256Hex
        if let kept = try keptMeasurement(name, number, answersSHA256: digest) {
            return MeasuredFold(result: result, measurement: kept)
        }
        try report(name, number, "asking the network")
        TrainableNetwork.prepare(threads: 1)
        let test = folds[number - 1].test
        let images = AuditImages(items: items, preprocessing: networks.configuration.preprocessing)
        let network = try networks.network(result, classes: plan.classKeys.count)
        try networks.check(network, result, test: test, images: images)
        let measurement = try FoldMeasurer(images: images, test: test) { try report(name, number, $0) }
            .measure(
                FittedNetwork(network: network, pipeline: networks.configuration.preprocessing),
                trainingSeconds: result.epochs.reduce(0) { $0 + $1.seconds }, answersSHA256: digest)
        try FileManager.default.createDirectory(at: folder(name, number), withIntermediateDirectories: true)
        try write(measurement, name, number)
        return MeasuredFold(result: result, measurement: measurement)
    }

    /// The networks' answers to each fold, fused; nothing is trained.
    /// - Parameter networks: `[network][fold]`.
    func fused(_ networks: [[MeasuredFold]]) throws -> [MeasuredFold] {
        try numbers.indices.map { place in
            let members = networks.map { $0[place] }
            let results = members.map(\.result)
            let (fusedTest, validation) = (try fused(results.map(\.test)), try fused(results.map(\.validation)))
            let measurements = members.map(\.measurement)
            let measurement = FoldMeasurement(
                answersSHA256: "", trainingSeconds: measurements.reduce(0) { $0 + $1.trainingSeconds },
                millisecondsPerImage: measurements.reduce(0) { $0 + $1.millisecondsPerImage },
                parameters: measurements.reduce(0) { $0 + $1.parameters }, chosen: [:],
                changed: FoldMeasurer.variations.indices.map { change in
                    FoldMeasurement.Changed(
                        variation: FoldMeasurer.variations[change],
                        logits: Self.fused(measurements.map { $0.changed[change].logits }))
                })
            return MeasuredFold(
                result: try foldResult(
                    numbers[place], configurationJSON: FuzzyRankFusion.settingsJSON,
                    test: fusedTest, validation: validation,
                    measurements: Self.measurements(of: fusedTest, in: results),
                    qualityLimits: results.first?.qualityLimits,
                    seconds: 0),
                measurement: measurement)
        }
    }

    /// What the first network's fold measured of these images; nil where an earlier version answered them.
    private static func measurements(of answers: [RawAnswer], in results: [FoldResult]) -> [TestImageMeasurement]? {
        guard let first = results.first, let measurements = first.measurements else { return nil }
        let byName = Dictionary(zip(first.test.map(\.id), measurements), uniquingKeysWith: { first, _ in first })
        return answers.compactMap { byName[$0.id] }
    }

    /// The answers to the images that all networks were asked about, in the order of the first: recipes may hold back other
    /// shares of the training part for validation.
    /// - Parameter answers: `[network][image]`.
    private func fused(_ answers: [[RawAnswer]]) throws -> [RawAnswer] {
        let byName = answers.map { Dictionary($0.map { ($0.id, $0.logits) }, uniquingKeysWith: { first, _ in first }) }
        let fused = (answers.first ?? []).compactMap { answer -> RawAnswer? in
            let logits = byName.compactMap { $0[answer.id] }
            guard logits.count == byName.count else { return nil }
            return RawAnswer(
                id: answer.id, group: answer.group, label: answer.label, logits: FuzzyRankFusion.logits(logits),
                series: answer.series)
        }
        guard !fused.isEmpty else {
            throw ComparisonError(.file, "the networks to fuse have no image in common; their recipes hold back others")
        }
        return fused
    }

    /// - Parameter logits: `[network][image][classes]`.
    private static func fused(_ logits: [[[Double]]]) -> [[Double]] {
        (logits.first ?? []).indices.map { image in FuzzyRankFusion.logits(logits.map { $0[image] }) }
    }
}
