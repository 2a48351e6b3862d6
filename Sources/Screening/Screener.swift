import Cells
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
    private let cellReader: CellReader?
    private let offloading: Offloading

    /// Loads the network, which blocks the caller for some hundred milliseconds.
    /// - Parameters:
    ///   - package: A verified package.
    ///   - options: How to use the machine.
    ///   - limits: What is refused before it is decoded.
    ///   - offloading: The threads that decode, and the bound on decoded bytes.
    /// - Throws: `InferenceError`; `CellError` for a cell model that does not fit.
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
        cellReader = try package.cellModelURL.map {
            try CellReader(folder: $0, streams: ProcessInfo.processInfo.activeProcessorCount)
        }
    }

    /// Reads a file within the limits, to be screened.
    /// - Parameters:
    ///   - url: A JPEG, PNG, TIFF, BMP or WebP file.
    ///   - redCellPixels: Diameter of a red cell in pixels of the upright image, where it is known.
    ///   - site: What is known of the microscope.
    /// - Throws: `ScreeningError` when the file cannot be read.
    public func file(
        _ url: URL, redCellPixels: Double? = nil, site: SiteScale? = nil
    ) async throws -> ScreenedFile {
        let bytes = try await offloading.wait { [limits] in try ImageFile.read(url, limits: limits) }
        return ScreenedFile(bytes, redCellPixels: redCellPixels, site: site)
    }

    /// Screens one image.
    /// - Throws: `ImagingError` when the file is no usable image or its scale is impossible, `InferenceError`, `CellError`,
    ///   `CancellationError`.
    public func screen(_ file: ScreenedFile) async throws -> ScreeningOutcome {
        try await answering(file, with: engine) { $0.result }
    }

    /// As `screen(_:)`, of a JPEG, PNG, TIFF, BMP or WebP file in memory.
    public func screen(_ bytes: [UInt8]) async throws -> ScreeningOutcome { try await screen(ScreenedFile(bytes)) }

    /// As `screen(_:)`, of a file; `ScreeningError` when it cannot be read.
    public func screen(contentsOf url: URL) async throws -> ScreeningOutcome { try await screen(file(url)) }

    /// Screens one image and tells how the answer came about.
    /// - Throws: As `screen(_:)`.
    public func explain(_ file: ScreenedFile) async throws -> ScreeningExplanation {
        try await answering(file, with: engine) { answer in
            try await self.offloading.compute { try self.explanation(of: answer) }
        }
    }

    /// As `explain(_:)`, of a file in memory.
    public func explain(_ bytes: [UInt8]) async throws -> ScreeningExplanation {
        try await explain(ScreenedFile(bytes))
    }

    /// As `explain(_:)`, of a file; `ScreeningError` when it cannot be read.
    public func explain(contentsOf url: URL) async throws -> ScreeningExplanation { try await explain(file(url)) }

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

    /// The white cells of an explanation as PNG files, in their order.
    /// - Throws: `ImagingError`; `CancellationError`.
    public func cellPictures(of explanation: ScreeningExplanation) async throws -> [[UInt8]] {
        try await offloading.compute { try explanation.cells.map { try ImageEncoder.png($0.picture) } }
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
        if purpose == .keeping { try album.addCellSheets(of: answer.prepared.seen.decoded) }
        return album.pictures
    }

    /// The engine that tells the stages, where the description names any.
    private func stagedEngine() async throws -> InferenceEngine {
        guard let stageEngine else { return engine }
        return try await offloading.wait { try stageEngine.engine() }
    }

    /// What was seen in an image, what the networks said to it, and what was made of it.
    private struct Answer: Sendable {
        let prepared: PreparedImage
        let output: NetworkOutput
        let cells: CellReading?
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
            async let cells = offloading.compute { try self.cells(in: prepared, of: file) }
            let start = ContinuousClock.now
            let output = try await engine.infer(prepared.tensor)
            let inference = ContinuousClock.now - start
            return try await body(answer(prepared, output, inference: inference, cells: cells))
        }
    }

    /// What the second reader says, and how long it took; nil for a package that reads no cells.
    private func cells(
        in prepared: PreparedImage, of file: ScreenedFile
    ) throws -> (reading: CellReading, duration: Duration)? {
        guard let cellReader, let cells = package.description.cells else { return nil }
        let start = ContinuousClock.now
        let decoded = prepared.seen.decoded
        let reading = try cellReader.read(
            decoded.image, given: file.redCellPixels.map { $0 / decoded.reduction },
            site: file.site?.reduced(by: decoded.reduction), redCellsAcross: cells.redCellsAcross)
        return (reading, .now - start)
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
            preprocessing: answer.prepared.seen.trace(),
            cells: answer.cells?.cells.enumerated().map {
                ScreenedCell($1, number: $0 + 1, of: answer.prepared.seen.decoded)
            } ?? [])
    }

    private func answer(
        _ prepared: PreparedImage, _ output: NetworkOutput, inference: Duration,
        cells: (reading: CellReading, duration: Duration)?
    ) -> Answer {
        let description = package.description
        let probabilities = ClassProbabilities(
            TemperatureScaling.softmax(output.logits, temperature: description.calibration.temperature))
        let seen = prepared.seen.decoded
        let findings = cells?.reading.findings(reduction: seen.reduction)
        let facts = DecisionFacts(
            probabilities,
            novelty: noveltyMeasure.novelty(embedding: output.embedding, appearance: prepared.appearance),
            quality: prepared.quality, cells: findings, limits: description)
        let similar =
            facts.decision == .rejected
            ? nil
            : package.references.flatMap {
                SimilarCases.Search(output.embedding, among: $0)
            }
        let result = ScreeningOutcome(
            label: facts.label, displayName: description.classes[facts.label.index].displayName,
            probabilities: probabilities, decision: facts.decision, reasons: facts.reasons,
            predictionSet: facts.predictionSet, novelty: facts.novelty, similarCases: similar?.nearest,
            quality: prepared.quality, cells: findings,
            model: .init(name: description.name, version: description.version),
            image: .init(
                width: seen.originalWidth, height: seen.originalHeight, sha256: prepared.sha256,
                notes: seen.header.notes),
            timings: .init(
                decodeMs: prepared.decode.milliseconds, preprocessMs: prepared.preprocess.milliseconds,
                inferenceMs: inference.milliseconds, cellsMs: cells?.duration.milliseconds),
            notice: description.notice)
        return Answer(
            prepared: prepared, output: output, cells: cells?.reading, result: result, similar: similar)
    }
}
