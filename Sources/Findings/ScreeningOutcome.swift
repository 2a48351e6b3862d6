/// What a screening found, typed and in no language: what `predict`, pages, prints and the API are made of, and what is kept
/// in a case. Rows of older content are read by `Store`.
public struct ScreeningOutcome: Codable, Sendable, Equatable {
    /// The form of the JSON that this version writes; 1 had sentences for reasons and no number.
    public static let currentVersion = 2

    /// Which model answered.
    public struct Model: Codable, Sendable, Equatable {
        public let name: String
        public let version: String

        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// Which image was asked about.
    public struct Image: Codable, Sendable, Equatable {
        /// Pixels, after the orientation that the file asks for.
        public let width: Int
        /// Pixels, after the orientation that the file asks for.
        public let height: Int
        /// SHA-256 of the bytes that were screened, 64 lower-case hexadecimal digits; in a case those are the stored,
        /// re-encoded ones.
        public let sha256: String

        /// What the file's sender may want to know of it; nil where there is nothing.
        public let notes: [ImageNote]?

        public init(width: Int, height: Int, sha256: String, notes: [ImageNote] = []) {
            (self.width, self.height, self.sha256) = (width, height, sha256)
            self.notes = notes.isEmpty ? nil : notes
        }
    }

    /// How long each part took, in milliseconds.
    public struct Timings: Codable, Sendable, Equatable {
        /// From bytes to pixels.
        public let decodeMs: Double
        /// From pixels to the input tensor, with the measuring of quality.
        public let preprocessMs: Double
        /// The network, with the wait for its turn.
        public let inferenceMs: Double
        /// Scale, finding and reading of cells; nil for a model that reads none.
        public let cellsMs: Double?

        public init(decodeMs: Double, preprocessMs: Double, inferenceMs: Double, cellsMs: Double? = nil) {
            (self.decodeMs, self.preprocessMs, self.inferenceMs) = (decodeMs, preprocessMs, inferenceMs)
            self.cellsMs = cellsMs
        }

        /// All of them together.
        public var workMs: Double { decodeMs + preprocessMs + inferenceMs + (cellsMs ?? 0) }
    }

    /// A reference case that is near; a training image, of which the package carries no picture.
    public struct SimilarCase: Codable, Sendable, Equatable {
        /// Its name in the training set.
        public let id: String
        public let label: SmearClass
        /// Cosine of the embeddings, −1 to 1; 1 is the same direction.
        public let cosine: Double

        public init(id: String, label: SmearClass, cosine: Double) {
            (self.id, self.label, self.cosine) = (id, label, cosine)
        }
    }

    /// Of the form in which it is kept.
    public private(set) var version = currentVersion
    /// The most probable class; to be shown only when `decision` is `report`.
    public let label: SmearClass
    /// The model's own name of it.
    public let displayName: String
    /// The calibrated probability of each class.
    public let probabilities: ClassProbabilities
    /// Whether the image gets an answer.
    public let decision: Decision
    /// Why; never empty.
    public let reasons: [Reason]
    /// The classes that remain possible at the model's coverage, in class order; may be empty.
    public let predictionSet: [SmearClass]
    /// How unlike the training images the image is, by the method that the package names; 0 to 2, most often below 1.
    public let novelty: Double
    /// The reference cases most like the image, the nearest first; nil for a rejected image, since they tell a class, and
    /// where the model has none.
    public var similarCases: [SimilarCase]?
    /// The measured quality of the image as the network sees it; of a cut one the usual quality of its fields.
    public let quality: ImageQuality
    /// What the white cells say; nil for a model that reads no cells.
    public let cells: CellFindings?
    /// Which parts of the image were read; nil in answers from before images were cut.
    public let fields: ScreenedFields?
    public let model: Model
    public let image: Image
    public let timings: Timings
    /// What goes with every answer of this model; demonstration models have one.
    public let notice: String?

    /// The memberwise initialiser; the form is always the current one.
    public init(
        label: SmearClass, displayName: String, probabilities: ClassProbabilities, decision: Decision,
        reasons: [Reason], predictionSet: [SmearClass], novelty: Double, similarCases: [SimilarCase]?,
        quality: ImageQuality, cells: CellFindings? = nil, fields: ScreenedFields? = nil, model: Model, image: Image,
        timings: Timings, notice: String?
    ) {
        (self.label, self.displayName, self.probabilities) = (label, displayName, probabilities)
        (self.decision, self.reasons, self.predictionSet) = (decision, reasons, predictionSet)
        (self.novelty, self.similarCases, self.quality) = (novelty, similarCases, quality)
        (self.cells, self.fields, self.model, self.image) = (cells, fields, model, image)
        (self.timings, self.notice) = (timings, notice)
    }

    /// The calibrated probability of `label`, 0 to 1.
    public var confidence: Double { probabilities[label] }

    /// The outcome in short.
    public var finding: Finding { Finding(decision: decision, label: label, confidence: confidence) }
}
