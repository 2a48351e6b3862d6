import CLearning
import Foundation
import Imaging

/// Colour histograms and moments of the image, no shape at all, read by a stack of four learners.
public struct ColourStacking: ComparedMethod {
    struct Settings: Codable, Sendable {
        var stacking = StackedClassifier.Settings()
        var preprocessing: PreprocessingPipeline
    }

    public let name = "colour-stacking"
    private let settings: Settings

    /// - Parameters:
    ///   - side: The side that images are resized to, in pixels, once the corner of the scale bar is masked.
    ///   - trees: How many trees the forest has.
    public init(side: Int = 224, trees: Int = 300) {
        settings = Settings(
            stacking: StackedClassifier.Settings(trees: trees), preprocessing: .standard(side: side))
    }

    public func settingsJSON() throws -> String { try encoded(settings) }

    public func fit(
        _ training: LearningPart, validation: LearningPart, classes: Int, seed: UInt64,
        progress: (String) throws -> Void
    ) throws -> any FittedMethod {
        try progress("colours")
        let pipeline = settings.preprocessing
        func features(_ part: LearningPart) throws -> [[Float]] {
            try part.map { try Self.features(pipeline.image(from: $0)) }
        }
        let stack = try StackedClassifier(
            rows: features(training), labels: training.labels, groups: training.groups,
            validation: (features(validation), validation.labels), classes: classes, settings: settings.stacking,
            seed: seed, progress: progress)
        return Fitted(stack: stack, pipeline: pipeline)
    }

    /// Of red, green, blue, hue, saturation, value and CIE L, a, b: 16 bins each, then three moments each, `[171]`.
    static func features(_ image: RGBImage) throws -> [Float] {
        var features = [Float](repeating: 0, count: Int(CLColourFeatures))
        try NativeLearning.call {
            cl_colour_features(image.pixels, Int32(image.width), Int32(image.height), &features, $0)
        }
        return features
    }

    private struct Fitted: FittedMethod {
        let stack: StackedClassifier
        let pipeline: PreprocessingPipeline

        var parameterCount: Int { stack.parameterCount }
        var chosen: [String: Double] { stack.chosen }

        func logits(_ photograph: RGBImage) throws -> [Double] {
            let features = try ColourStacking.features(pipeline.image(from: photograph))
            return try stack.probabilities([features])[0].map { log(max($0, 1e-12)) }
        }
    }
}
