import Findings
import Imaging
import Packaging

/// Makes the files of `ScreeningPictures`, one kind after the other.
struct PictureAlbum {
    /// The longest side of a thumbnail and of the picture of a step, in pixels.
    private static let thumbnailSide = 192
    private static let stepSide = 384
    /// The least longer side of the picture with the outlines, so that lines and numbers can be told apart.
    private static let cellsSide = 768

    private let explanation: ScreeningExplanation
    private let start: ContinuousClock.Instant
    private var files: [(kind: PictureKind, bytes: [UInt8])] = []
    private var steps: [ScreeningAnalytics.Step] = []
    private var stages: [ScreeningAnalytics.Stage] = []
    private var cells: [ScreeningAnalytics.Cell] = []
    private var cellsFound = 0
    private var similar: SimilarCases?
    private var likeness: FieldLikeness?

    /// - Parameter start: When explaining began.
    init(_ explanation: ScreeningExplanation, start: ContinuousClock.Instant) {
        self.explanation = explanation
        self.start = start
    }

    /// What was added so far.
    var pictures: ScreeningPictures {
        let (image, timings) = (explanation.result.image, explanation.result.timings)
        let timeline = [
            ("decode", timings.decodeMs), ("preprocess", timings.preprocessMs), ("infer", timings.inferenceMs),
            ("explain", (ContinuousClock.now - start).milliseconds),
        ]
        return ScreeningPictures(
            files: files,
            analytics: ScreeningAnalytics(
                displayWidth: explanation.image.width, displayHeight: explanation.image.height,
                originalWidth: image.width, originalHeight: image.height, steps: steps,
                shownField: explanation.shownField, stages: stages, cells: cells, cellsFound: cellsFound,
                cellsFile: PictureKind.cells.name,
                similar: similar,
                timeline: timeline.map { ScreeningAnalytics.Phase(name: $0.0, milliseconds: $0.1) }),
            cells: explanation.cells, likeness: likeness)
    }

    /// The image for display and its thumbnail.
    mutating func addImage() throws {
        let image = explanation.image
        files.append((.display, try ImageEncoder.jpeg(image, quality: 88)))
        let thumbnail = try DisplayImage.fit(image, side: Self.thumbnailSide)
        files.append((.thumbnail, try ImageEncoder.jpeg(thumbnail, quality: 80)))
    }

    /// The class-activation map.
    mutating func addHeatMap() throws {
        let map = try HeatMap(explanation.map, width: explanation.mapWidth, height: explanation.mapHeight)
        files.append((.map, try map.png()))
    }

    /// The image after each preprocessing step.
    mutating func addSteps() throws {
        for (index, step) in explanation.preprocessing.enumerated() {
            let kind = PictureKind.step(index)
            let picture = try DisplayImage.fit(step.image, side: Self.stepSide)
            files.append((kind, try ImageEncoder.jpeg(picture, quality: 85)))
            steps.append(
                ScreeningAnalytics.Step(
                    name: step.name, parameters: step.parameters, told: step.told, file: kind.name,
                    width: step.image.width, height: step.image.height))
        }
    }

    /// The reference cases most like the image.
    mutating func add(_ similar: SimilarCases) { self.similar = similar }

    /// Feature maps of a stage, `[channels, height, width]`.
    mutating func add(_ stage: ModelDescription.Stage, _ values: [Float]) throws {
        let kind = PictureKind.stage(stages.count)
        let picture = try FeatureMapPicture(stage, values)
        files.append((kind, try ImageEncoder.png(picture.image, level: 1)))
        stages.append(
            ScreeningAnalytics.Stage(
                name: stage.name, channels: stage.channels, width: stage.width, height: stage.height,
                shown: picture.shown, columns: FeatureMapPicture.columns, file: kind.name))
    }

    /// Nuclei and cells, outlined and measured.
    mutating func addCells() throws {
        let image = explanation.image
        let found = try CellSegmentation.find(in: image)
        let original = explanation.result.image
        let scale = Double(original.width * original.height) / Double(image.width * image.height)
        cellsFound = found.cells.count
        cells = found.cells.prefix(ScreeningAnalytics.maximumCells).enumerated().map { index, cell in
            let area = cell.cellArea * scale
            return ScreeningAnalytics.Cell(
                number: index + 1, centerX: cell.center.x, centerY: cell.center.y,
                nucleusArea: cell.nucleusArea * scale, cellArea: area,
                areaShare: area / Double(original.width * original.height), roundness: cell.roundness,
                nucleusToCytoplasm: cell.nucleusToCytoplasm, isClump: cell.isClump, touchesEdge: cell.touchesEdge)
        }
        let picture = try found.drawn(over: enlarged(image), maximum: ScreeningAnalytics.maximumCells)
        files.append((.cells, try ImageEncoder.jpeg(picture, quality: 85)))
    }

    /// What other images of the same field are found by.
    /// - Parameter image: The image as it was decoded.
    mutating func addLikeness(of image: DecodedImage) throws { likeness = try FieldLikeness(of: image.image) }

    /// The crops of the white cells in sprite sheets; none where the model reads no cells.
    /// - Parameter image: The image as it was decoded.
    mutating func addCellSheets(of image: DecodedImage) throws {
        guard let scale = explanation.result.cells?.scale else { return }
        for sheet in 0..<CellSheet.count(cells: explanation.cells.count) {
            let picture = try CellSheetPicture(
                sheet, of: explanation.cells, in: image, redCellPixels: scale.redCellPixels / image.reduction)
            files.append((.cellSheet(sheet), try ImageEncoder.jpeg(picture.image, quality: 86)))
        }
    }

    private func enlarged(_ image: RGBImage) throws -> RGBImage {
        let longer = max(image.width, image.height)
        guard longer < Self.cellsSide else { return image }
        return try image.resized(
            width: max(1, image.width * Self.cellsSide / longer),
            height: max(1, image.height * Self.cellsSide / longer))
    }
}
