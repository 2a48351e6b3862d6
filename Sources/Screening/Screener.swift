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
    /// The engine of this machine.
    public let engine: InferenceEngine
    /// What is refused before it is decoded.
    public let limits: ImageLimits
    let sight: ImageSight
    private let maker: AnswerMaker
    private let fieldReader: FieldReader
    private let engines: PackageEngines
    private let cellReader: CellReader?
    let offloading: Offloading

    /// Loads the network, which blocks the caller for some hundred milliseconds.
    /// - Parameters:
    ///   - package: A verified package.
    ///   - options: How to use the machine.
    ///   - limits: What is refused before it is decoded.
    ///   - offloading: The threads that decode, and the bound on decoded bytes.
    ///   - front: What runs the field network in place of this machine, where it can. Cells are read here.
    /// - Throws: `InferenceError`; `CellError` for a cell model that does not fit.
    public init(
        package: ModelPackage, options: InferenceOptions = InferenceOptions(), limits: ImageLimits = .default,
        offloading: Offloading = .process, front: (any EngineFront)? = nil
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
        let novelty = try NoveltyMeasure(package)
        maker = AnswerMaker(package: package, novelty: novelty)
        fieldReader = FieldReader(package: package, sight: sight, novelty: novelty, offloading: offloading)
        let local = try PackageEngines(engine, options: options, offloading: offloading)
        engines = try front?.engines(before: local) ?? local
        cellReader = try package.cellModelURL.map {
            try CellReader(folder: $0, streams: ProcessInfo.processInfo.activeProcessorCount)
        }
    }

    /// How many images are best in flight at once.
    public var requests: Int { engines.requests }

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
        try await answering(file, with: engines.plain) { $0.result }
    }

    /// As `screen(_:)`, of a JPEG, PNG, TIFF, BMP or WebP file in memory.
    public func screen(_ bytes: [UInt8]) async throws -> ScreeningOutcome { try await screen(ScreenedFile(bytes)) }

    /// As `screen(_:)`, of a file; `ScreeningError` when it cannot be read.
    public func screen(contentsOf url: URL) async throws -> ScreeningOutcome { try await screen(file(url)) }

    /// Screens one image and tells how the answer came about.
    /// - Throws: As `screen(_:)`.
    public func explain(_ file: ScreenedFile) async throws -> ScreeningExplanation {
        try await answering(file, with: engines.plain) { answer in
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
        try await answering(file, with: engines.staged) { answer in
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
        if answer.result.decision != .rejected { try album.addHeatMap() }
        if let similar = answer.similar, let references = package.references {
            album.add(SimilarCases(similar, among: references))
        }
        try album.addSteps()
        for (stage, map) in zip(package.description.outputs.stages ?? [], answer.shown.output.stages) {
            try album.add(stage, map)
        }
        try album.addCells()
        if purpose == .keeping {
            try album.addCellSheets(of: answer.prepared.seen.decoded)
            try album.addLikeness(of: answer.prepared.seen.decoded)
        }
        return album.pictures
    }

    /// Decodes, looks and infers once, and goes on with the answer while the image's share of the bound is held.
    private func answering<Value: Sendable>(
        _ file: ScreenedFile, with engine: any NetworkEngine,
        _ body: @Sendable (Answer) async throws -> Value
    ) async throws -> Value {
        let cost = try await offloading.compute { [sight, fieldReader] in
            let decoding = try file.decoded.map { $0.image.pixels.count } ?? sight.decodingCost(of: file.bytes)
            let picture = try file.decoded == nil ? sight.pictureBytes(of: file.bytes) : decoding
            return decoding + fieldReader.cuttingCost(pictureBytes: picture)
        }
        return try await offloading.holding(decodedBytes: cost) { [sight, offloading, package] in
            let prepared = try await offloading.compute {
                try PreparedImage(file, sight: sight, needsAppearance: package.appearance != nil)
            }
            return try await body(try await answer(prepared, of: file, with: engine))
        }
    }

    /// What the networks say to an image, seen whole and, where it is large, in fields.
    private func answer(
        _ prepared: PreparedImage, of file: ScreenedFile, with engine: any NetworkEngine
    ) async throws -> Answer {
        async let whole = Self.timed { try await engine.infer(prepared.tensor) }
        guard let cellReader, let scale = try await scale(of: prepared, file) else {
            let (output, duration) = try await whole
            return maker.answer(prepared, output, inference: duration)
        }
        async let cells = offloading.compute {
            let start = ContinuousClock.now
            return (try cellReader.read(scale.image, at: scale.value), .now - start)
        }
        let cut = try await fieldReader.cut(prepared.seen, scale: scale.value)
        let (reading, time) = try await cells
        let (output, inference) = try await whole
        guard let cut else {
            return maker.answer(prepared, output, inference: inference, cells: (reading, scale.duration + time))
        }
        let (fields, more) = try await Self.timed {
            try await self.fieldReader.read(cut, cells: reading.cells, with: engine)
        }
        let answer = maker.answer(
            prepared, output, inference: inference + more, cells: (reading, scale.duration + time),
            fields: (fields, cut.duration))
        guard let leading = answer.leadingField else { return answer }
        return maker.answer(answer, shownBy: try await fieldReader.look(at: leading, of: cut, with: engine))
    }

    private static func timed<Value: Sendable>(
        _ work: @Sendable () async throws -> Value
    ) async throws -> (value: Value, duration: Duration) {
        let start = ContinuousClock.now
        return (try await work(), .now - start)
    }

    /// The scale that an image is read and cut at, measured once, and the image as its cells are read; nil for a package that reads
    /// no cells.
    private func scale(
        of prepared: PreparedImage, _ file: ScreenedFile
    ) async throws -> (image: RGBImage, value: ImageScale, duration: Duration)? {
        guard let cells = package.description.cells else { return nil }
        return try await offloading.compute {
            let start = ContinuousClock.now
            let decoded = prepared.seen.decoded
            let (image, scale) = try CellReader.scaled(
                decoded.image, given: file.redCellPixels.map { $0 / decoded.reduction },
                site: file.site?.reduced(by: decoded.reduction), pooled: file.pooled?.reduced(by: decoded.reduction),
                redCellsAcross: cells.redCellsAcross)
            return (image, scale, .now - start)
        }
    }

    private func explanation(of answer: Answer) throws -> ScreeningExplanation {
        let map = maker.map(of: answer)
        return ScreeningExplanation(
            result: answer.result,
            image: try DisplayImage.fit(answer.prepared.seen.decoded.image, side: Self.displaySide), map: map.values,
            mapWidth: map.width, mapHeight: map.height, preprocessing: answer.shown.seen.trace(),
            shownField: answer.leadingField.map { $0 + 1 },
            cells: answer.cells?.cells.enumerated().map {
                ScreenedCell($1, number: $0 + 1, of: answer.prepared.seen.decoded)
            } ?? [])
    }
}
