import Evaluation
import Findings
import Foundation
import Imaging
import Inference
import Packaging

/// Screens images with one model: bytes in, a decision with its reasons out.
///
/// Safe to share between any number of tasks. Decoding and preprocessing run on threads of their own.
public final class Screener: Sendable {
    /// The longest side of the picture in an explanation, in pixels.
    public static let displaySide = 1024

    /// The model in use.
    public let package: ModelPackage
    /// The engine in use.
    public let engine: InferenceEngine
    /// What is refused before it is decoded.
    public let limits: ImageLimits
    private let noveltyMeasure: NoveltyMeasure
    private let stageEngine: StageEngine?
    let work: WorkQueue

    /// Loads the network, which blocks the caller for some hundred milliseconds.
    /// - Parameters:
    ///   - package: a verified package.
    ///   - options: how to use the machine.
    ///   - limits: what is refused before it is decoded.
    /// - Throws: `InferenceError`.
    public init(
        package: ModelPackage, options: InferenceOptions = InferenceOptions(), limits: ImageLimits = .default
    ) throws {
        self.package = package
        self.limits = limits
        work = WorkQueue(width: max(1, ProcessInfo.processInfo.activeProcessorCount))
        if package.appearance != nil {
            // Compiling the network leaves a processor idle.
            work.start { ImageAppearance.prepare() }
        }
        engine = try InferenceEngine(package: package, options: options)
        noveltyMeasure = try NoveltyMeasure(package)
        stageEngine = try StageEngine(package: package, options: options)
    }

    /// Screens one image.
    /// - Parameter bytes: a JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: `ImagingError` when the bytes are no usable image, `InferenceError`, `CancellationError`.
    public func screen(_ bytes: [UInt8]) async throws -> ScreeningOutcome {
        try await infer(bytes).answer.result
    }

    /// Screens one image file.
    /// - Throws: as `screen(_:)`, and `ScreeningError` when the file cannot be read.
    public func screen(contentsOf url: URL) async throws -> ScreeningOutcome {
        try await screen(read(url))
    }

    /// Screens one image and tells how the answer came about.
    /// - Parameter bytes: a JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: as `screen(_:)`.
    public func explain(_ bytes: [UInt8]) async throws -> ScreeningExplanation {
        let answer = try await infer(bytes).answer
        return try await explanation(bytes, answer)
    }

    /// Screens one image and makes the pictures that show how the answer came about.
    ///
    /// For a rejected image no heat map is made, since it would tell a class.
    /// - Parameter bytes: a JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: as `screen(_:)`.
    public func pictures(_ bytes: [UInt8]) async throws -> (result: ScreeningOutcome, pictures: ScreeningPictures) {
        let (answer, tensor) = try await infer(bytes)
        let start = ContinuousClock.now
        let maps = try await featureMaps(tensor)
        let explanation = try await explanation(bytes, answer)
        let pictures = try await work.run { [package] in
            var album = PictureAlbum(explanation, start: start)
            try album.addImage()
            if answer.result.decision != .rejected {
                try album.addHeatMap()
                album.add(package.references, near: answer.output.embedding)
            }
            try album.addSteps()
            for (stage, map) in maps { try album.add(stage, map) }
            try album.addCells()
            return album.pictures
        }
        return (answer.result, pictures)
    }

    /// Screens one image file and tells how the answer came about.
    /// - Throws: as `screen(contentsOf:)`.
    public func explain(contentsOf url: URL) async throws -> ScreeningExplanation {
        try await explain(read(url))
    }

    private func read(_ url: URL) async throws -> [UInt8] {
        try await work.run { [limits] in try ImageFile.read(url, limits: limits) }
    }

    /// What the network said to an image, and what was made of it.
    private typealias Answer = (result: ScreeningOutcome, output: NetworkOutput)

    private func infer(_ bytes: [UInt8]) async throws -> (answer: Answer, tensor: [Float]) {
        let prepared = try await work.run { [package, limits] in
            try PreparedImage(bytes, package: package, limits: limits)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let output = try await engine.infer(prepared.tensor)
        let duration = clock.now - start
        return ((result(prepared, output, inference: duration), output), prepared.tensor)
    }

    private func explanation(_ bytes: [UInt8], _ answer: Answer) async throws -> ScreeningExplanation {
        let outputs = package.description.outputs
        let classIndex = answer.result.label.index
        return try await work.run { [package, limits] in
            let display = try ImageDecoder.decode(bytes, limits: limits, minimumSide: Self.displaySide)
            let seen = try ImageDecoder.decode(bytes, limits: limits, minimumSide: PreparedImage.decodingSide(package))
            let map = ClassActivationMap.compute(
                featureMap: answer.output.featureMap, width: outputs.featureMapWidth, height: outputs.featureMapHeight,
                classifierWeight: package.classifierWeight, classIndex: classIndex)
            return ScreeningExplanation(
                result: answer.result, image: try DisplayImage.fit(display, side: Self.displaySide), map: map,
                mapWidth: outputs.featureMapWidth, mapHeight: outputs.featureMapHeight,
                preprocessing: try package.pipeline.trace(seen))
        }
    }

    /// The feature maps of the stages that the description names.
    private func featureMaps(_ tensor: [Float]) async throws -> [(ModelDescription.Stage, [Float])] {
        guard let stageEngine else { return [] }
        let engine = try await work.run { try stageEngine.engine() }
        let output = try await engine.infer(tensor)
        return Array(zip(stageEngine.stages, output.stages))
    }

    private func result(_ prepared: PreparedImage, _ output: NetworkOutput, inference: Duration) -> ScreeningOutcome {
        let description = package.description
        let probabilities = ClassProbabilities(
            TemperatureScaling.softmax(output.logits, temperature: description.calibration.temperature))
        let facts = DecisionFacts(
            probabilities,
            novelty: noveltyMeasure.novelty(embedding: output.embedding, appearance: prepared.appearance),
            quality: prepared.quality, limits: description)
        let decision = facts.decision
        return ScreeningOutcome(
            label: facts.label, displayName: description.classes[facts.label.index].displayName,
            probabilities: probabilities, decision: decision, reasons: facts.reasons,
            predictionSet: facts.predictionSet, novelty: facts.novelty,
            similarCases: decision == .rejected
                ? nil : package.references.flatMap { SimilarCases.nearest(to: output.embedding, among: $0) },
            quality: prepared.quality,
            model: .init(name: description.name, version: description.version),
            image: .init(width: prepared.width, height: prepared.height, sha256: prepared.sha256),
            timings: .init(
                decodeMs: prepared.decode.milliseconds, preprocessMs: prepared.preprocess.milliseconds,
                inferenceMs: inference.milliseconds),
            notice: description.notice)
    }
}
