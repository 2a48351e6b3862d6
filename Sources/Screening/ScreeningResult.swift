import Findings
import Imaging

/// The answer to one image: the object of `predict --json` and of the API.
public struct ScreeningResult: Codable, Sendable, Equatable {
    /// Which model answered.
    public struct Model: Codable, Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its version.
        public let version: String
    }

    /// Which image was asked about.
    public struct Image: Codable, Sendable, Equatable {
        /// Pixels, after the orientation that the file asks for.
        public let width: Int
        /// Pixels, after the orientation that the file asks for.
        public let height: Int
        /// SHA-256 of the file's bytes, 64 lower-case hexadecimal digits.
        public let sha256: String
    }

    /// How long each part took, in milliseconds.
    public struct Timings: Codable, Sendable, Equatable {
        /// From bytes to pixels.
        public let decodeMs: Double
        /// From pixels to the input tensor, with the measuring of quality.
        public let preprocessMs: Double
        /// The network, with the wait for its turn.
        public let inferenceMs: Double
    }

    /// The key of the most probable class; to be shown only when `decision` is `report`.
    public let label: String
    /// The name of the most probable class.
    public let displayName: String
    /// The calibrated probability of each class.
    public let probabilities: ClassProbabilities
    /// The probability of `label`, 0 to 1.
    public let confidence: Double
    /// Whether the image gets an answer.
    public let decision: Decision
    /// Why, in plain words; never empty.
    public let reasons: [String]
    /// The keys of the classes that remain possible at the model's coverage, in class order; may be empty.
    public let predictionSet: [String]
    /// How unlike the training images the image is, by the method that the package names; 0 to 2, most often below 1.
    public let novelty: Double
    /// The reference cases most like the image, the nearest first; nil for a rejected image, since they tell a class, and
    /// where the model has none.
    public let similarCases: [SimilarCases.Case]?
    /// The measured quality of the image as the network sees it.
    public let quality: ImageQuality
    /// Which model answered.
    public let model: Model
    /// Which image was asked about.
    public let image: Image
    /// How long each part took.
    public let timings: Timings
    /// What goes with every answer of this model; demonstration models have one.
    public let notice: String?
}
