import Findings

extension ModelDescription {
    /// The network's input, a tensor `[1, 3, height, width]`, red first.
    public struct Input: Codable, Sendable, Equatable {
        /// The name of the input in the ONNX graph.
        public var name: String
        /// Pixels.
        public var width: Int
        /// Pixels.
        public var height: Int

        /// - Parameters:
        ///   - name: The name of the input in the ONNX graph.
        ///   - width: Pixels.
        ///   - height: Pixels.
        public init(name: String = "image", width: Int, height: Int) {
            (self.name, self.width, self.height) = (name, width, height)
        }
    }

    /// The network's outputs: logits `[1, classes]`, embedding `[1, embeddingSize]`,
    /// feature map `[1, embeddingSize, featureMapHeight, featureMapWidth]`.
    public struct Outputs: Codable, Sendable, Equatable {
        /// The name of the logits in the ONNX graph.
        public var logits: String
        /// The name of the embedding (the globally averaged feature map) in the ONNX graph.
        public var embedding: String
        /// The name of the last feature map in the ONNX graph.
        public var featureMap: String
        /// The number of channels of embedding and feature map.
        public var embeddingSize: Int
        /// Cells.
        public var featureMapWidth: Int
        /// Cells.
        public var featureMapHeight: Int
        /// Results inside the network that an explanation shows, from the input to the output; may be missing.
        public var stages: [Stage]?

        /// The memberwise initialiser, with the names that this project's exporter writes.
        public init(
            logits: String = "logits", embedding: String = "embedding", featureMap: String = "features",
            embeddingSize: Int, featureMapWidth: Int, featureMapHeight: Int, stages: [Stage]? = nil
        ) {
            (self.logits, self.embedding) = (logits, embedding)
            (self.featureMap, self.embeddingSize) = (featureMap, embeddingSize)
            (self.featureMapWidth, self.featureMapHeight) = (featureMapWidth, featureMapHeight)
            self.stages = stages
        }
    }

    /// The result of a layer inside the network, a tensor `[1, channels, height, width]`.
    public struct Stage: Codable, Sendable, Equatable {
        /// What it is called on a page: `early`, `middle`, `last`.
        public var name: String
        /// The name of the result in the ONNX graph, whether it is an output of the graph or not.
        public var tensor: String
        /// Feature maps.
        public var channels: Int
        /// Cells.
        public var width: Int
        /// Cells.
        public var height: Int

        /// The memberwise initialiser.
        public init(name: String, tensor: String, channels: Int, width: Int, height: Int) {
            (self.name, self.tensor, self.channels, self.width, self.height) = (name, tensor, channels, width, height)
        }
    }

    /// How a photograph is decoded before preprocessing.
    public struct Decoding: Codable, Sendable, Equatable {
        /// A photograph is reduced to the smallest of 1, 1/2, 1/4 and 1/8 of its size that leaves both sides at least as
        /// many pixels, 1 to 8192.
        public var minimumSide: Int

        /// - Parameter minimumSide: Pixels.
        public init(minimumSide: Int) { self.minimumSide = minimumSide }
    }

    /// Temperature scaling (Guo et al. 2017): probabilities are softmax(logits / temperature).
    public struct Calibration: Codable, Sendable, Equatable {
        /// Greater than 0; 1 changes nothing.
        public var temperature: Double

        /// - Parameter temperature: Greater than 0.
        public init(temperature: Double) { self.temperature = temperature }
    }

    /// Class-conditional split conformal prediction: a class enters the prediction set when p ≥ 1 − threshold.
    public struct Conformal: Codable, Sendable, Equatable {
        /// The share of images whose true class the set is to hold, 0 to 1.
        public var coverage: Double
        /// The threshold by class key, 0 to 1.
        public var thresholds: [String: Double]

        /// - Parameters:
        ///   - coverage: 0 to 1.
        ///   - thresholds: The thresholds by class key, 0 to 1.
        public init(coverage: Double, thresholds: [String: Double]) {
            self.coverage = coverage
            self.thresholds = thresholds
        }
    }

    /// Novelty: an image whose score is above the threshold is outside what the model was validated on.
    public struct Novelty: Codable, Sendable, Equatable {
        /// How the score is computed.
        public enum Method: String, Codable, Sendable {
            /// 1 − the greatest cosine between the embedding and a class centroid; 0 to 2.
            case centroidCosine = "centroid-cosine"
            /// d / (d + scale), where d is the Mahalanobis distance of the image's appearance from that of the training
            /// images; 0 to 1. Images that cannot be a stained smear at all are refused whatever their score.
            case appearanceMahalanobis = "appearance-mahalanobis"
        }

        /// How the score is computed.
        public var method: Method
        /// The greatest score that is still accepted, 0 to 2.
        public var threshold: Double
        /// The greatest score at which Benign is told, 0 to `threshold`; nil where Benign is told like any class. From format 3
        /// on: an older program would pass over it.
        public var benignThreshold: Double?
        /// The distance whose score is a half, above 0; for `appearance-mahalanobis` alone.
        public var scale: Double?

        /// - Parameters:
        ///   - method: How the score is computed.
        ///   - threshold: The greatest score that is still accepted.
        ///   - benignThreshold: The greatest score at which Benign is told, at most `threshold`.
        ///   - scale: The distance whose score is a half, for `appearance-mahalanobis`.
        public init(
            method: Method = .centroidCosine, threshold: Double, benignThreshold: Double? = nil, scale: Double? = nil
        ) {
            (self.method, self.threshold, self.benignThreshold) = (method, threshold, benignThreshold)
            self.scale = scale
        }
    }

    /// How the white cells of an image are read beside the field, and what they have to say for a class to be told. The
    /// networks and their calibration lie in the package's `cells.json` and the files that it goes with.
    public struct Cells: Codable, Sendable, Equatable {
        /// How many red cells lie side by side along the shorter side of an image whose scale nothing tells, above 0.
        public var redCellsAcross: Double
        /// What the cells have to say for a class to be told.
        public var agreement: AgreementLimits

        /// - Parameters:
        ///   - redCellsAcross: Above 0.
        ///   - agreement: What the cells have to say for a class to be told.
        public init(redCellsAcross: Double = 12, agreement: AgreementLimits) {
            (self.redCellsAcross, self.agreement) = (redCellsAcross, agreement)
        }
    }

    /// The arithmetic of the network.
    public enum Precision: String, Codable, Sendable, CaseIterable {
        /// IEEE 754 single precision.
        case f32
        /// bfloat16 multiplications with single-precision sums, where the processor has them.
        case bf16
    }

    /// Where a model comes from.
    public struct Provenance: Codable, Sendable, Equatable {
        /// SHA-256 of the manifest of the training data.
        public var dataManifestSHA256: String
        /// SHA-256 of the training configuration.
        public var configurationSHA256: String
        /// The seed of the run.
        public var seed: UInt64
        /// The number of images trained on.
        public var trainingImages: Int
        /// The number of passes over them.
        public var epochs: Int
        /// The program and version that trained.
        public var tool: String

        /// The memberwise initialiser.
        public init(
            dataManifestSHA256: String, configurationSHA256: String, seed: UInt64, trainingImages: Int, epochs: Int,
            tool: String
        ) {
            (self.dataManifestSHA256, self.configurationSHA256) = (dataManifestSHA256, configurationSHA256)
            (self.seed, self.trainingImages) = (seed, trainingImages)
            (self.epochs, self.tool) = (epochs, tool)
        }
    }
}

extension DecisionFacts.Limits {
    /// What the answers of a model are held against.
    public init(_ description: ModelDescription) {
        self.init(
            quality: description.quality, novelty: description.novelty.threshold,
            benignNovelty: description.novelty.benignThreshold, coverage: description.conformal.coverage,
            minimumConfidence: description.decision.minimumConfidence, agreement: description.cells?.agreement)
    }
}
