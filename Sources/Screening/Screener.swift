import Evaluation
import Findings
import Foundation
import Imaging
import Inference
import Offloading
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
    private let sight: ImageSight
    private let noveltyMeasure: NoveltyMeasure
    private let stageEngine: StageEngine?
    private let offloading: Offloading

    /// Loads the network, which blocks the caller for some hundred milliseconds.
    /// - Parameters:
    ///   - package: A verified package.
    ///   - options: How to use the machine.
    ///   - limits: What is refused before it is decoded.
    ///   - offloading: The threads that decode, and the bound on decoded bytes.
    /// - Throws: `InferenceError`.
    public init(
        package: ModelPackage, options: InferenceOptions = InferenceOptions(), limits: ImageLimits = .default,
        offloading: Offloading = .process
    ) throws {
        (self.package, self.limits, self.offloading) = (package, limits, offloading)
        var sight = package.sight
        sight.limits = limits
        self.sight = sight
        if package.appearance != nil {
            // Compiling the network leaves a processor idle.
            offloading.start { ImageAppearance.prepare() }
        }
        engine = try InferenceEngine(package: package, options: options)
        noveltyMeasure = try NoveltyMeasure(package)
        stageEngine = try StageEngine(package: package, options: options)
    }

    /// Screens one image.
    /// - Parameter bytes: A JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: `ImagingError` when the bytes are no usable image, `InferenceError`, `CancellationError`.
    public func screen(_ bytes: [UInt8]) async throws -> ScreeningOutcome {
        try await answering(ScreenedFile(bytes), with: engine) { $0.result }
    }

    /// Screens one image file.
    /// - Throws: As `screen(_:)`, and `ScreeningError` when the file cannot be read.
    public func screen(contentsOf url: URL) async throws -> ScreeningOutcome {
        try await screen(read(url))
    }

    /// Screens one image and tells how the answer came about.
    /// - Parameter bytes: A JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: As `screen(_:)`.
    public func explain(_ bytes: [UInt8]) async throws -> ScreeningExplanation {
        try await answering(ScreenedFile(bytes), with: engine) { answer in
            try await self.offloading.compute { try self.explanation(of: answer) }
        }
    }

    /// Screens one image file and tells how the answer came about.
    /// - Throws: As `screen(contentsOf:)`.
    public func explain(contentsOf url: URL) async throws -> ScreeningExplanation {
        try await explain(read(url))
    }

    /// Draws where the evidence lies over the image.
    /// - Parameters:
    ///   - explanation: What `explain` answered.
    ///   - opacity: 0 shows the image alone, 1 the map alone.
    /// - Returns: A PNG file of the size of `explanation.image`.
    /// - Throws: `ImagingError`; `CancellationError`.
    public func heatmap(of explanation: ScreeningExplanation, opacity: Double = 0.5) async throws -> [UInt8] {
        try await offloading.compute {
            try ImageEncoder.png(
                HeatmapOverlay.render(
                    map: explanation.map, mapWidth: explanation.mapWidth, mapHeight: explanation.mapHeight,
                    over: explanation.image, opacity: opacity))
        }
    }

    /// Screens one image and makes the pictures that show how the answer came about.
    ///
    /// For a rejected image no heat map is made, since it would tell a class.
    /// - Parameters:
    ///   - bytes: A JPEG, PNG, TIFF, BMP or WebP file.
    ///   - purpose: What the pictures are for.
    /// - Throws: As `screen(_:)`.
    public func pictures(
        _ bytes: [UInt8], for purpose: ScreeningPictures.Purpose = .keeping
    ) async throws -> (result: ScreeningOutcome, pictures: ScreeningPictures) {
        try await pictures(ScreenedFile(bytes), for: purpose)
    }

    /// As `pictures(_:for:)`, of a file that may be decoded already.
    public func pictures(
        _ file: ScreenedFile, for purpose: ScreeningPictures.Purpose = .keeping
    ) async throws -> (result: ScreeningOutcome, pictures: ScreeningPictures) {
        let engine = try await stagedEngine()
        return try await answering(file, with: engine) { answer in
            let start = ContinuousClock.now
            return try await self.offloading.compute {
                (answer.result, try self.album(of: answer, start: start, for: purpose))
            }
        }
    }

    private func album(
        of answer: Answer, start: ContinuousClock.Instant, for purpose: ScreeningPictures.Purpose
    ) throws -> ScreeningPictures {
        var album = PictureAlbum(try explanation(of: answer), start: start)
        try album.addImage()
        if answer.result.decision != .rejected { try album.addHeatMap(for: purpose) }
        if let similar = answer.similar, let references = package.references {
            album.add(SimilarCases(similar, among: references))
        }
        try album.addSteps()
        for (stage, map) in zip(stageEngine?.stages ?? [], answer.output.stages) { try album.add(stage, map) }
        try album.addCells()
        return album.pictures
    }

    /// The engine that tells the stages, where the description names any.
    private func stagedEngine() async throws -> InferenceEngine {
        guard let stageEngine else { return engine }
        return try await offloading.wait { try stageEngine.engine() }
    }

    private func read(_ url: URL) async throws -> [UInt8] {
        try await offloading.wait { [limits] in try ImageFile.read(url, limits: limits) }
    }

    /// What was seen in an image, what the network said to it, and what was made of it.
    private struct Answer: Sendable {
        let prepared: PreparedImage
        let output: NetworkOutput
        let result: ScreeningOutcome
        let similar: SimilarCases.Search?
    }

    /// Decodes, looks and infers once, and goes on with the answer while the image's share of the bound is held.
    private func answering<Value: Sendable>(
        _ file: ScreenedFile, with engine: InferenceEngine,
        _ body: @Sendable (Answer) async throws -> Value
    ) async throws -> Value {
        let cost = try await offloading.compute { [sight] in
            try file.decoded.map { $0.image.pixels.count } ?? sight.decodingCost(of: file.bytes)
        }
        return try await offloading.holding(decodedBytes: cost) { [sight, offloading, package] in
            let prepared = try await offloading.compute {
                try PreparedImage(file, sight: sight, needsAppearance: package.appearance != nil)
            }
            let start = ContinuousClock.now
            let output = try await engine.infer(prepared.tensor)
            return try await body(answer(prepared, output, inference: .now - start))
        }
    }

    private func explanation(of answer: Answer) throws -> ScreeningExplanation {
        let outputs = package.description.outputs
        let map = ClassActivationMap.compute(
            featureMap: answer.output.featureMap, width: outputs.featureMapWidth, height: outputs.featureMapHeight,
            classifierWeight: package.classifierWeight, classIndex: answer.result.label.index)
        return ScreeningExplanation(
            result: answer.result,
            image: try DisplayImage.fit(answer.prepared.seen.decoded.image, side: Self.displaySide), map: map,
            mapWidth: outputs.featureMapWidth, mapHeight: outputs.featureMapHeight,
            preprocessing: answer.prepared.seen.trace())
    }

    private func answer(_ prepared: PreparedImage, _ output: NetworkOutput, inference: Duration) -> Answer {
        let description = package.description
        let probabilities = ClassProbabilities(
            TemperatureScaling.softmax(output.logits, temperature: description.calibration.temperature))
        let facts = DecisionFacts(
            probabilities,
            novelty: noveltyMeasure.novelty(embedding: output.embedding, appearance: prepared.appearance),
            quality: prepared.quality, limits: description)
        let similar =
            facts.decision == .rejected
            ? nil
            : package.references.flatMap {
                SimilarCases.Search(output.embedding, among: $0)
            }
        let seen = prepared.seen.decoded
        let result = ScreeningOutcome(
            label: facts.label, displayName: description.classes[facts.label.index].displayName,
            probabilities: probabilities, decision: facts.decision, reasons: facts.reasons,
            predictionSet: facts.predictionSet, novelty: facts.novelty, similarCases: similar?.nearest,
            quality: prepared.quality,
            model: .init(name: description.name, version: description.version),
            image: .init(
                width: seen.originalWidth, height: seen.originalHeight, sha256: prepared.sha256,
                notes: seen.header.notes),
            timings: .init(
                decodeMs: prepared.decode.milliseconds, preprocessMs: prepared.preprocess.milliseconds,
                inferenceMs: inference.milliseconds),
            notice: description.notice)
        return Answer(prepared: prepared, output: output, result: result, similar: similar)
    }
}
