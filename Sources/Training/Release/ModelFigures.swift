import Evaluation
import Formats
import Foundation
import Packaging

/// `metrics.json` of a model package: how good the model is, and the protocol by which that was measured.
public struct ModelFigures: Codable, Sendable {
    /// On the held-out part of the training images, which calibration and thresholds were fitted on: not a test.
    public let validation: ClassificationMetrics
    /// The same recipe, cross-validated; nil where that was not run.
    public let crossValidation: CrossValidationResults?
    /// The same recipe with one acquisition series left out at a time; nil where that was not run.
    public let leftOutSeries: CrossValidationResults?
    /// How the model answered the validation images: what its answers in use are compared with.
    public let reference: ReferenceDistribution?
    /// What fitting the model to a laboratory gave; nil where it was not.
    public var adaptation: SiteAdaptationReport?
    /// Trainable numbers of the network.
    public let parameterCount: Int?

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}
