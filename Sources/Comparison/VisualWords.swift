import CLearning
import Foundation
import Imaging
import Randomness

/// A bag of visual words (Csurka et al. 2004): SIFT descriptors (Lowe 2004), rooted (Arandjelović and Zisserman 2012), each
/// taken for the nearest word of a k-means vocabulary; the rooted shares of the words, read by support vector machines.
public struct VisualWords: ComparedMethod {
    struct Settings: Codable, Sendable {
        /// The strongest key points of an image that count.
        var keyPoints = 400
        var words: Int
        /// Descriptors of the training images that the vocabulary is made of.
        var sample = 40_000
        var iterations = 20
        /// Costs and kernel widths that validation chooses among.
        var costs = [1.0, 10]
        var gammas = [1.0, 4]
        var preprocessing: PreprocessingPipeline
    }

    public let name = "sift-bovw-svm"
    private let settings: Settings

    /// - Parameters:
    ///   - side: The side that images are resized to, in pixels, once the corner of the scale bar is masked.
    ///   - words: How many words the vocabulary has.
    public init(side: Int = 224, words: Int = 400) {
        settings = Settings(words: words, preprocessing: .standard(side: side))
    }

    public func settingsJSON() throws -> String { try encoded(settings) }

    public func fit(
        _ training: LearningPart, validation: LearningPart, classes: Int, seed: UInt64,
        progress: (String) throws -> Void
    ) throws -> any FittedMethod {
        let pipeline = settings.preprocessing
        func descriptors(_ part: LearningPart, _ what: String) throws -> [[Float]] {
            try part.labels.indices.map { index in
                if index % 64 == 0 { try progress("key points, \(what) \(index)/\(part.count)") }
                return try Self.descriptors(
                    pipeline.image(from: part.photograph(index)), maximum: settings.keyPoints)
            }
        }
        let found = try descriptors(training, "training")
        try progress("vocabulary")
        let vocabulary = try Vocabulary(found, settings: settings, seed: seed)
        let rows = try found.map(vocabulary.histogram)
        let held = try descriptors(validation, "validation").map(vocabulary.histogram)
        try progress("support vectors")
        let pairs = settings.costs.flatMap { cost in settings.gammas.map { (cost: cost, gamma: $0) } }
        func machine(_ pair: (cost: Double, gamma: Double)) throws -> ClassicalModel {
            try ClassicalModel(
                .supportVectors(gamma: pair.gamma, cost: pair.cost), rows: rows, labels: training.labels,
                classes: classes)
        }
        let best = try ValidationChoice.best(of: pairs, labels: validation.labels, classes: classes) {
            try machine($0).scores(held)
        }
        return Fitted(
            vocabulary: vocabulary, machine: try machine(best), keyPoints: settings.keyPoints, pipeline: pipeline,
            chosen: ["cost": best.cost, "gamma": best.gamma])
    }

    /// One after the other, `[count, 128]` in one array; empty where the image has no key point.
    static func descriptors(_ image: RGBImage, maximum: Int) throws -> [Float] {
        let length = Int(CLDescriptorLength)
        var descriptors = [Float](repeating: 0, count: maximum * length)
        var count: Int32 = 0
        try NativeLearning.call {
            cl_descriptors(
                image.pixels, Int32(image.width), Int32(image.height), Int32(maximum), &descriptors, &count, $0)
        }
        return Array(descriptors.prefix(Int(count) * length))
    }

    private struct Fitted: FittedMethod {
        let vocabulary: Vocabulary
        let machine: ClassicalModel
        let keyPoints: Int
        let pipeline: PreprocessingPipeline
        let chosen: [String: Double]

        var parameterCount: Int { vocabulary.centres.count + machine.parameterCount }

        func logits(_ photograph: RGBImage) throws -> [Double] {
            let found = try VisualWords.descriptors(pipeline.image(from: photograph), maximum: keyPoints)
            return try machine.scores([vocabulary.histogram(found)])[0]
        }
    }
}

/// The words that descriptors are assigned to.
private struct Vocabulary {
    /// `[words, 128]`.
    let centres: [Float]
    private let words: Int

    /// - Parameter images: Descriptors of each image, one after the other.
    init(_ images: [[Float]], settings: VisualWords.Settings, seed: UInt64) throws {
        let length = Int(CLDescriptorLength)
        var places = images.indices.flatMap { image in
            (0..<images[image].count / length).map { (image: image, start: $0 * length) }
        }
        guard places.count >= settings.words else {
            throw ComparisonError(.usage, "\(places.count) key points are too few for \(settings.words) words")
        }
        var generator = SplitMix64(seed: seed, 0xB0B0)
        generator.shuffle(&places)
        let sample = places.prefix(settings.sample).flatMap { images[$0.image][$0.start..<$0.start + length] }
        var centres = [Float](repeating: 0, count: settings.words * length)
        try NativeLearning.call {
            cl_kmeans(
                sample, Int32(sample.count / length), Int32(length), Int32(settings.words), Int32(settings.iterations),
                generator.next(), &centres, $0)
        }
        self.centres = centres
        words = settings.words
    }

    /// Square roots of the shares of the words, `[words]`; all 0 for an image without a key point.
    func histogram(_ descriptors: [Float]) throws -> [Float] {
        let length = Int(CLDescriptorLength)
        let count = descriptors.count / length
        guard count > 0 else { return [Float](repeating: 0, count: words) }
        var nearest = [Int32](repeating: 0, count: count)
        try NativeLearning.call {
            cl_nearest(descriptors, Int32(count), Int32(length), centres, Int32(words), &nearest, $0)
        }
        var counts = [Float](repeating: 0, count: words)
        for word in nearest { counts[Int(word)] += 1 }
        return counts.map { ($0 / Float(count)).squareRoot() }
    }
}
