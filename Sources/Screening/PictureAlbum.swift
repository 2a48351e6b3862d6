import Imaging

/// Makes the files of `ScreeningPictures`, one kind after the other.
struct PictureAlbum {
    private let explanation: ScreeningExplanation
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now
    private var files: [(name: String, bytes: [UInt8])] = []
    private var steps: [ScreeningAnalytics.Step] = []

    init(_ explanation: ScreeningExplanation) {
        self.explanation = explanation
    }

    /// What was added so far.
    var pictures: ScreeningPictures {
        let result = explanation.result
        let timings = result.timings
        let timeline = [
            ("decode", timings.decodeMs), ("preprocess", timings.preprocessMs), ("infer", timings.inferenceMs),
            ("explain", (clock.now - start).milliseconds),
        ]
        return ScreeningPictures(
            files: files,
            analytics: ScreeningAnalytics(
                displayWidth: explanation.image.width, displayHeight: explanation.image.height,
                originalWidth: result.image.width, originalHeight: result.image.height, steps: steps, stages: [],
                cells: [], cellsFound: 0, cellsFile: "cells.jpg",
                timeline: timeline.map { ScreeningAnalytics.Phase(name: $0.0, milliseconds: $0.1) }))
    }

    /// The image for display and its thumbnail.
    mutating func addImage() throws {
        let image = explanation.image
        files.append(("display.jpg", try ImageEncoder.jpeg(image, quality: 88)))
        let thumbnail = try DisplayImage.fit(image, side: Screener.thumbnailSide)
        files.append(("thumbnail.jpg", try ImageEncoder.jpeg(thumbnail, quality: 80)))
        files.append(("cells.jpg", try ImageEncoder.jpeg(image, quality: 88)))
    }

    /// The class-activation map alone and over the image.
    mutating func addHeatMap() throws {
        let image = try DisplayImage.fit(explanation.image, side: Screener.heatMapSide)
        let overlay = try HeatmapOverlay.render(
            map: explanation.map, mapWidth: explanation.mapWidth, mapHeight: explanation.mapHeight, over: image,
            opacity: 0.65)
        files.append(("heat.png", try ImageEncoder.png(overlay, level: 3)))
        files.append(("overlay.png", try ImageEncoder.png(overlay, level: 3)))
    }

    /// The image after each preprocessing step.
    mutating func addSteps() throws {
        for (index, step) in explanation.preprocessing.enumerated() {
            let name = "step-\(index).jpg"
            let picture = try DisplayImage.fit(step.image, side: Screener.stepSide)
            files.append((name, try ImageEncoder.jpeg(picture, quality: 88)))
            steps.append(
                ScreeningAnalytics.Step(
                    name: step.name, parameters: step.parameters, file: name, width: step.image.width,
                    height: step.image.height))
        }
    }
}
