import Datasets
import Evaluation
import Findings
import Formats
import Foundation
import Imaging
import Training

extension Comparison {
    /// Teaches the method on the folds that no folder holds, and measures it.
    func measureClassical(_ name: String) throws -> [MeasuredFold] {
        guard let method = classical.first(where: { $0.name == name }) else { return [] }
        return try numbers.map { number in
            try kept(method, number) ?? learnt(method, number)
        }
    }

    private func kept(_ method: any ComparedMethod, _ number: Int) throws -> MeasuredFold? {
        let file = folder(method.name, number).appendingPathComponent(MeasuredFold.resultName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let bytes = try Data(contentsOf: file)
        let result: FoldResult
        do { result = try JSONDecoder().decode(FoldResult.self, from: bytes) } catch {
            throw ComparisonError(.file, "\(file.path) cannot be read; without it the fold is run anew (\(error))")
        }
        let isOfMethod = try result.configurationJSON == method.settingsJSON()
        try check(result, number: number, file: file, isOfMethod: isOfMethod)
        return try keptMeasurement(method.name, number, answersSHA256: bytes.sha256Hex).map {
            MeasuredFold(result: result, measurement: $0)
        }
    }

    private func learnt(_ method: any ComparedMethod, _ number: Int) throws -> MeasuredFold {
        let images = AuditImages(items: items, preprocessing: .standard())
        TrainableNetwork.prepare(threads: 1)
        let fold = folds[number - 1]
        let (fitted, seconds) = try ProcessorTime.measure {
            try method.fit(
                part(fold.training, images), validation: part(fold.validation, images), classes: plan.classKeys.count,
                seed: plan.seed &* 1000 &+ UInt64(number)
            ) { try report(method.name, number, $0) }
        }
        try report(method.name, number, "test images")
        func answers(_ indices: [Int]) throws -> [RawAnswer] {
            try indices.map { index in
                let item = items[index]
                return RawAnswer(
                    id: item.id, group: item.resamplingUnit(split: plan.split.rawValue), label: item.label,
                    logits: try fitted.logits(images.photograph(index)), series: item.series)
            }
        }
        let seen = try AuditImages.concurrently(fold.test) {
            try TestImageMeasurement.measure(images.image($0), of: images.photograph($0), novelty: nil).measurement
        }
        let limits = QualityLimits(
            keeping: try AuditImages.concurrently(fold.training) { .assess(try images.image($0)) })
        let result = try foldResult(
            number, configurationJSON: try method.settingsJSON(), test: try answers(fold.test),
            validation: try answers(fold.validation), measurements: seen, qualityLimits: limits, seconds: seconds)
        let bytes = try JSONFormat.line.data(result)
        let measurement = try FoldMeasurer(images: images, test: fold.test) { try report(method.name, number, $0) }
            .measure(fitted, trainingSeconds: seconds, answersSHA256: bytes.sha256Hex)
        let folder = folder(method.name, number)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try bytes.write(to: folder.appendingPathComponent(MeasuredFold.resultName), options: .atomic)
        try write(measurement, method.name, number)
        return MeasuredFold(result: result, measurement: measurement)
    }

    private func part(_ indices: [Int], _ images: AuditImages) -> LearningPart {
        let chosen = indices.map { items[$0] }
        return LearningPart(labels: chosen.map(\.label), groups: chosen.map(\.group)) {
            try images.photograph(indices[$0])
        }
    }

    /// Answers in the form in which cross-validation keeps them; what belongs to a package alone, the novelty, refuses none.
    func foldResult(
        _ number: Int, configurationJSON: String, test: [RawAnswer], validation: [RawAnswer],
        measurements: [TestImageMeasurement]?, qualityLimits: QualityLimits?, seconds: Double
    ) throws -> FoldResult {
        FoldResult(
            fold: number, split: plan.split.rawValue, name: "fold \(number)", configurationJSON: configurationJSON,
            manifestSHA256: plan.dataset.manifest.sha256,
            trainingClassCounts: plan.classKeys.indices.map { label in
                folds[number - 1].training.count { items[$0].label == label }
            },
            test: test, validation: validation,
            temperature: try TemperatureScaling.fit(
                logits: validation.map(\.logits), labels: validation.map(\.label)),
            noveltyThreshold: 1, novelties: test.map { _ in 0 }, measurements: measurements,
            qualityLimits: qualityLimits, epochs: [], seconds: seconds)
    }
}
