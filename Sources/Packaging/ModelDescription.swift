import Findings
import Formats
import Foundation
import Imaging

/// Everything a reader of a model must know, stored as `model.json` in its package.
public struct ModelDescription: Codable, Sendable, Equatable {
    /// The format that this version writes.
    public static let currentFormatVersion = 3
    /// The formats that this version reads; 1 knew no cells, 2 no limit of novelty for Benign alone.
    public static let readableFormatVersions = 1...currentFormatVersion

    /// The layout of this file, one of `readableFormatVersions`.
    public var formatVersion: Int
    /// The model's name, as in `release`.
    public var name: String
    /// The model's version, as in `1.0.0`.
    public var version: String
    /// When the model was made; ISO 8601 in the file, to the second.
    public var createdAt: Date
    /// The network's architecture, as in `efficientnet-lite0`.
    public var architecture: String
    /// The classes in the order of the logits.
    public var classes: [ModelClass]
    /// The network's input.
    public var input: Input
    /// The network's outputs.
    public var outputs: Outputs
    /// How photographs are decoded; `nil` in older packages, which means the default of `ImageSight`.
    public var decoding: Decoding?
    /// The steps from a decoded image to the input tensor; the last is `normalize`.
    public var preprocessing: [PreprocessingStep]
    /// How logits become probabilities.
    public var calibration: Calibration
    /// How probabilities become a prediction set.
    public var conformal: Conformal
    /// When an image is outside what the model was validated on.
    public var novelty: Novelty
    /// When an image is too poor to be judged.
    public var quality: QualityLimits
    /// When an answer is given.
    public var decision: DecisionLimits
    /// How white cells are read beside the field; `nil` where the package reads none.
    public var cells: Cells?
    /// The arithmetic in which the model was validated.
    public var precision: Precision
    /// Whether the model was trained on drawn smears and answers example images only.
    public var demonstration: Bool
    /// A sentence that goes with every answer of this model.
    public var notice: String?
    /// Where the model comes from.
    public var provenance: Provenance
    /// SHA-256 in lower-case hexadecimal by file name; filled in by `ModelPackage.write`.
    public var files: [String: String]

    /// The memberwise initialiser; `files` may stay empty for a package that is about to be written.
    public init(
        formatVersion: Int = ModelDescription.currentFormatVersion, name: String, version: String, createdAt: Date,
        architecture: String, classes: [ModelClass] = ModelClass.standard, input: Input, outputs: Outputs,
        decoding: Decoding? = nil, preprocessing: [PreprocessingStep], calibration: Calibration, conformal: Conformal,
        novelty: Novelty,
        quality: QualityLimits, decision: DecisionLimits, cells: Cells? = nil, precision: Precision,
        demonstration: Bool = false, notice: String? = nil, provenance: Provenance, files: [String: String] = [:]
    ) {
        (self.formatVersion, self.name, self.version) = (formatVersion, name, version)
        (self.createdAt, self.architecture, self.classes) = (createdAt, architecture, classes)
        (self.input, self.outputs, self.decoding) = (input, outputs, decoding)
        (self.preprocessing, self.calibration, self.conformal) = (preprocessing, calibration, conformal)
        (self.novelty, self.quality, self.decision) = (novelty, quality, decision)
        (self.cells, self.precision, self.demonstration, self.notice) = (cells, precision, demonstration, notice)
        (self.provenance, self.files) = (provenance, files)
    }

    /// The class keys in the order of the logits.
    public var classKeys: [String] { classes.map(\.key) }

    /// Reads `model.json`.
    /// - Throws: `DecodingError`.
    public init(json: Data) throws {
        self = try JSONFormat.decode(ModelDescription.self, from: json)
    }

    /// The text of `model.json`: UTF-8, keys sorted, so that equal descriptions are equal files.
    /// - Throws: `EncodingError` when a number is not finite.
    public func json() throws -> Data { try JSONFormat.file.data(self) + Data([0x0A]) }

    /// When an answer is given.
    public struct DecisionLimits: Codable, Sendable, Equatable {
        /// Below this calibrated probability the answer is `uncertain`; 0 to 1.
        public var minimumConfidence: Double
        /// How it was chosen; `nil` where it was not chosen by measurement.
        public var selection: Selection?

        /// - Parameters:
        ///   - minimumConfidence: 0 to 1.
        ///   - selection: How it was chosen.
        public init(minimumConfidence: Double, selection: Selection? = nil) {
            self.minimumConfidence = minimumConfidence
            self.selection = selection
        }
    }

    /// The rule that chose the smallest confidence of an answer, and what it gave: the smallest confidence, not under
    /// `lowestConfidence`, from which on at most `maximumRisk` of the answers are wrong and at least `minimumCoverage` of the
    /// images are answered. All are shares, 0 to 1.
    public struct Selection: Codable, Sendable, Equatable {
        /// The largest share of wrong answers that the rule allows.
        public var maximumRisk: Double
        /// The least share of images that the rule wants answered.
        public var minimumCoverage: Double
        /// The rule never goes below.
        public var lowestConfidence: Double
        /// Share of wrong answers that was measured.
        public var risk: Double
        /// Share of images answered that was measured.
        public var coverage: Double
        /// Images that it was chosen on.
        public var images: Int
        /// Whether the risk was reached; else the confidence of least risk among those that answer enough was taken.
        public var isReached: Bool

        /// The memberwise initialiser.
        public init(
            maximumRisk: Double, minimumCoverage: Double, lowestConfidence: Double, risk: Double, coverage: Double,
            images: Int, isReached: Bool
        ) {
            (self.maximumRisk, self.minimumCoverage) = (maximumRisk, minimumCoverage)
            (self.lowestConfidence, self.risk) = (lowestConfidence, risk)
            (self.coverage, self.images) = (coverage, images)
            self.isReached = isReached
        }
    }
}
