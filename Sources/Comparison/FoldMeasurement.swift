import Foundation
import Imaging
import Training

/// What is measured of a method on a fold beside its answers to the images as they are.
public struct FoldMeasurement: Codable, Sendable {
    /// Answers to the test images under one change.
    public struct Changed: Codable, Sendable {
        public let variation: ImageVariation
        /// `[test image][classes]`.
        public let logits: [[Double]]
    }

    /// SHA-256 of the fold's `result.json`, which holds the answers that this belongs to.
    public let answersSHA256: String
    /// For a network the sum of its epochs in wall-clock time, for another method processor time.
    public let trainingSeconds: Double
    /// Processor time from the decoded image to the logits, one image at a time on one thread; the median of some.
    public let millisecondsPerImage: Double
    /// The numbers that the fitted method stores.
    public let parameters: Int
    /// The settings chosen on the validation part, by name.
    public let chosen: [String: Double]
    public let changed: [Changed]
}

/// A method's answers to one fold, and what was measured beside them.
struct MeasuredFold {
    let result: FoldResult
    let measurement: FoldMeasurement

    /// Names of what a method's folder of a fold holds.
    static let resultName = "result.json"
    static let measurementName = "measurement.json"
}

/// Asks a fitted method about changed images, and measures how long it takes.
struct FoldMeasurer {
    /// The changes that are asked about: without colour, and each shift of the stain.
    static let variations = ImageVariation.allCases.filter { $0 == .greyscale || $0.isStainShift }

    /// Images whose answering is timed.
    private static let timed = 32

    let images: AuditImages
    /// Positions of the fold's test images.
    let test: [Int]
    let progress: (String) throws -> Void

    func measure(_ method: any FittedMethod, trainingSeconds: Double, answersSHA256: String) throws -> FoldMeasurement {
        let milliseconds = try time(method)
        let changed = try Self.variations.map { variation in
            try progress("changed images, \(variation.rawValue)")
            return FoldMeasurement.Changed(variation: variation, logits: try answers(method, variation))
        }
        return FoldMeasurement(
            answersSHA256: answersSHA256, trainingSeconds: trainingSeconds, millisecondsPerImage: milliseconds,
            parameters: method.parameterCount, chosen: method.chosen, changed: changed)
    }

    private func answers(_ method: any FittedMethod, _ variation: ImageVariation) throws -> [[Double]] {
        let side = max(images.preprocessing.outputWidth, images.preprocessing.outputHeight)
        return try test.map { index in
            try method.logits(variation.apply(to: images.photograph(index), networkSide: side))
        }
    }

    private func time(_ method: any FittedMethod) throws -> Double {
        let count = min(Self.timed, test.count)
        let some = try (0..<count).map { try images.photograph(test[$0 * test.count / count]) }
        for photograph in some.prefix(2) { _ = try method.logits(photograph) }
        let times = try some.map { photograph in
            try ProcessorTime.measure { try method.logits(photograph) }.seconds * 1000
        }.sorted()
        return times.isEmpty ? 0 : times[times.count / 2]
    }
}
