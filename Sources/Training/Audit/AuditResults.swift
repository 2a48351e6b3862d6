import Evaluation
import Formats
import Foundation

/// What `leukoscope-lab audit` found: how far the answer lies open without any cell being read, what the trained networks
/// lean on, where they look, and whether their maps tell the truth about them.
public struct AuditResults: Codable, Sendable {
    public let manifestSHA256: String
    public let images: Int
    public let classKeys: [String]
    /// Linear classifiers; empty where they were left out.
    public let baselines: [Baseline]
    /// The recipe that is asked about first, then those beside it.
    public internal(set) var recipes: [Recipe]

    /// The figures of answers to some images.
    public struct Figures: Codable, Sendable, Equatable {
        public let images: Int
        public let accuracy: Double
        public let macroF1: Double
        /// nil where there are no malignant images; likewise below.
        public let malignantSensitivity: Double?
        public let benignSpecificity: Double?
    }

    /// Figures of each fold with their mean and the worst fold, by name.
    public struct FoldFigures: Codable, Sendable, Equatable {
        public let folds: [Figures]
        public let mean: [String: Double]
        public let worst: [String: Double]
    }

    /// A linear classifier on one kind of input.
    public struct Baseline: Codable, Sendable {
        /// `frozen-features`, `colour-histogram` …
        public let name: String
        /// Numbers an image.
        public let inputs: Int
        /// By the way the folds are cut: `blocks`, `random`.
        public let splits: [String: FoldFigures]
    }

    /// The networks of one cross-validation.
    public struct Recipe: Codable, Sendable {
        /// The name of the recipe that stands beside.
        public static let naive = "naive"

        /// `audited` or `naive`.
        public let name: String
        public let split: String
        public let architecture: String
        /// What decided the outcome, SHA-256.
        public let configurationSHA256: String
        /// Without a name: the images as they are; then each `ImageVariation`.
        public let variations: [Variation]
        /// The answers by the mean over the eight orientations of each image; nil where an earlier version measured.
        public let orientations: Variation?
        public let attention: Attention
        /// nil where no image was explained.
        public let explanations: Explanations?
    }

    /// Answers to the test images under one change of the photograph.
    public struct Variation: Codable, Sendable {
        /// The raw value of an `ImageVariation`, `as-they-are` or `orientations`.
        public let name: String
        public let isStainShift: Bool
        public let figures: FoldFigures
        /// By how much the mean over the folds is below that of the images as they are, by figure.
        public let loss: [String: Double]
        /// 95 % bootstrap interval of the loss of macro-F1, duplicate groups resampled; nil for the images as they are.
        public let macroF1LossInterval95: ConfidenceInterval?
    }

    /// Where the class-activation map lies, over malignant test images that were answered rightly.
    public struct Attention: Codable, Sendable {
        /// Images with nuclei that count here.
        public let images: Int
        /// Images in which no nucleus was found.
        public let withoutNuclei: Int
        /// Mean share of the map that lies on nuclei, 0 to 1.
        public let mapShare: Double
        /// Mean share of the image that nuclei cover, 0 to 1.
        public let areaShare: Double
        /// Mean over the images of the first by the second; 1 is no preference.
        public let meanRatio: Double
        public let medianRatio: Double
        /// The same ratio of a map that holds in each cell the share of nuclei in it: what its coarseness allows.
        public let attainableRatio: Double
        /// nil where nuclei could be painted over in no image.
        public let erasure: Erasure?
    }

    /// What is left of right answers when the nuclei are painted over in the colour of their surroundings, and when the same
    /// shapes are painted elsewhere. Means over the images, 0 to 1.
    public struct Erasure: Codable, Sendable {
        public let images: Int
        /// Probability of the class in the image as it is, without nuclei, and without as much elsewhere.
        public let probability: Double
        public let withoutNuclei: Double
        public let withoutOther: Double
        /// Share of images still answered with the class.
        public let keptWithoutNuclei: Double
        public let keptWithoutOther: Double
    }

    /// Whether the map shows what the network goes by.
    public struct Explanations: Codable, Sendable {
        public let images: Int
        /// By the order in which parts are taken: `activation-map`, `random-order`, `randomised-network`.
        public let orders: [Order]
        /// The network's weights made random from the classifier down, a stage more in each row.
        public let randomisation: [Randomisation]
    }

    /// Deletion and insertion (Petsiuk, Das and Saenko 2018) in one order of the pixels.
    public struct Order: Codable, Sendable {
        public let name: String
        /// Mean probability of the class after each step, from the whole image to nothing; lower is better.
        public let deletion: [Double]
        /// From a blurred image to the whole one; higher is better.
        public let insertion: [Double]
        /// Areas under them, 0 to 1.
        public let deletionArea: Double
        public let insertionArea: Double
        /// Share of images in which the activation map's deletion falls faster than this order's; nil for the map itself.
        public let deletionWins: Double?
        /// Share of images in which the activation map's insertion rises faster.
        public let insertionWins: Double?
    }

    /// How much of the map is left when stages of the network are random (Adebayo et al. 2018).
    public struct Randomisation: Codable, Sendable {
        /// Stages with random weights, counted from the classifier.
        public let stages: Int
        /// Mean rank correlation with the trained network's map; a flat map counts as 0.
        public let rankCorrelation: Double
        /// Mean structural similarity with it.
        public let structuralSimilarity: Double
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}

extension AuditResults.Figures {
    /// - Parameters:
    ///   - labels: True classes.
    ///   - predicted: Answers, in the same order.
    ///   - classes: How many there are; the first is benign.
    init(labels: [Int], predicted: [Int], classes: Int) throws {
        let matrix = try ConfusionMatrix(labels: labels, predicted: predicted, classes: classes)
        images = labels.count
        accuracy = matrix.accuracy ?? 0
        macroF1 = matrix.macroF1 ?? 0
        malignantSensitivity = matrix.malignantSensitivity
        benignSpecificity = matrix.benignSpecificity
    }

    var values: [(name: String, value: Double?)] {
        [
            ("accuracy", accuracy), ("macroF1", macroF1), ("malignantSensitivity", malignantSensitivity),
            ("benignSpecificity", benignSpecificity),
        ]
    }
}

extension AuditResults.FoldFigures {
    init(_ folds: [AuditResults.Figures]) {
        self.folds = folds
        let named = Dictionary(grouping: folds.flatMap(\.values), by: \.name).mapValues { $0.compactMap(\.value) }
            .filter { !$0.value.isEmpty }
        mean = named.mapValues { $0.reduce(0, +) / Double($0.count) }
        worst = named.compactMapValues { $0.min() }
    }
}

extension AuditResults {
    /// Reads what `json()` wrote.
    /// - Throws: `TrainingError` naming a file that is none of these.
    public init(file: URL) throws {
        do { self = try JSONDecoder().decode(AuditResults.self, from: Data(contentsOf: file)) } catch {
            throw TrainingError(.run, "\(file.path) holds no results of an audit (\(error))")
        }
    }

    /// Takes over the naive recipe of an earlier audit.
    /// - Throws: `TrainingError` when that was of other images, or has none.
    public mutating func setBeside(_ earlier: AuditResults) throws {
        guard earlier.manifestSHA256 == manifestSHA256 else {
            throw TrainingError(.run, "the earlier audit was of other images")
        }
        guard let naive = earlier.recipes.first(where: { $0.name == Recipe.naive }) else {
            throw TrainingError(.run, "the earlier audit has no naive recipe; give its folder to --naive")
        }
        recipes.append(naive)
    }
}
