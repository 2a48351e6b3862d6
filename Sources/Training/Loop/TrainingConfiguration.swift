import Formats
import Foundation
import Imaging
import Networks

/// Everything that decides the outcome of a training, apart from the images.
///
/// Read from JSON (`--config FILE`): each key replaces the default of the same name.
public struct TrainingConfiguration: Codable, Sendable, Equatable {
    public enum Optimizer: String, Codable, Sendable { case adamW = "adamw", sgd }
    /// `automatic` is bfloat16 where the processor multiplies it in hardware.
    public enum Precision: String, Codable, Sendable {
        case automatic
        case float32 = "f32"
        case bfloat16 = "bf16"
    }
    public enum ClassWeights: String, Codable, Sendable {
        case none
        /// Inverse to the class's share of the images, with mean 1 over the images.
        case balanced
    }
    /// Which weights are kept at the end.
    public enum Selection: String, Codable, Sendable {
        case lastEpoch = "last-epoch"
        /// The epoch with the least validation loss.
        case bestValidationLoss = "best-validation-loss"
    }

    /// What images of one class are told apart by, for `groupBalance` and `groupRobustness`.
    public enum Grouping: String, Codable, Sendable {
        /// The acquisition series.
        case series
        /// The acquisition run; the series where the run is not known.
        case runs
    }

    /// The name of an `Architecture`.
    public var architecture = Architecture.efficientNetLite0.rawValue
    /// Start from ImageNet weights where the architecture has them.
    public var pretrained = true
    /// Keys of the classes whose images are learned from and tested; empty for all. The network keeps an answer for each of
    /// the four.
    public var classes: [String] = []
    /// Images a step.
    public var batchSize = 32
    public var epochs = 20
    public var optimizer = Optimizer.adamW
    /// The highest learning rate, reached after the warm-up.
    public var learningRate = 1e-3
    /// The learning rate at the end of the cosine, as a share of the highest.
    public var finalLearningRateShare = 0.01
    /// Epochs of linear rise; may be a fraction.
    public var warmUpEpochs = 1.0
    public var weightDecay = 0.05
    /// Probability mass spread over all classes (Szegedy et al. 2016, section 7).
    public var labelSmoothing = 0.1
    public var classWeights = ClassWeights.none
    /// Images an epoch; 0 for as many as are trained on. Fewer make sense where many images are alike.
    public var epochImages = 0
    /// What makes a group, together with the class.
    public var grouping = Grouping.series
    /// How far groups are brought to equal size by drawing the images of small groups more often: image weight is group size to
    /// the power of minus this; 0 not at all, 1 wholly.
    public var groupBalance = 0.0
    /// Step size of a loss that weighs each group by how badly it does (Sagawa et al. 2020, *Distributionally robust neural
    /// networks*, algorithm 1); 0 weighs all images alike. Groups are those of `groupBalance`.
    public var groupRobustness = 0.0
    /// Probability that an image takes on the colours of another training image, of any class; 0 never.
    public var stainTransfer = 0.0
    /// Probability that an image is changed as another lamp, camera or stain would show it, or by several of these at once
    /// (`NearDomainChange`, those that move nothing); 0 never.
    public var nearDomain = 0.0
    /// Logarithm of the largest factor between width and height by which varied images are stretched; 0 keeps their shape.
    public var shapeJitter: Float = 0
    /// Probability that the nuclei of an image are painted over, when no class is to be seen in it, and as often places
    /// beside them instead, when its class still is; 0 never.
    public var nucleusErasure = 0.0
    /// Weight, beside the cross entropy, of minus the logarithm of the share of the evidence that lies on nuclei; 0 none
    /// (after Ross et al. 2017, *Right for the right reasons*, and Li et al. 2018, *Tell me where to look*).
    public var nucleusGuidance = 0.0
    /// The architecture of a teacher that is trained first, on the same images by the same settings; empty for none.
    public var teacher = ""
    /// Share of the loss that is the distance from the teacher's answers (Hinton et al. 2015), 0 to 1.
    public var distillation = 0.5
    /// What both answers are divided by before they are compared.
    public var distillationTemperature = 2.0
    /// Probability that a step mixes the channel statistics of pairs of images (MixStyle, Zhou et al. 2021); 0 never.
    public var styleMixing = 0.0
    /// The statistics are mixed after each stage below this.
    public var styleMixingStagesBelow = 3
    /// Decay of the moving average of the weights, a step; 0 keeps none.
    public var averageDecay = 0.99
    /// Largest Euclidean norm of the gradient; 0 does not clip.
    public var gradientClip = 5.0
    /// Stages (0 is the stem) below this keep their weights for `freezeEpochs` epochs.
    public var freezeStagesBelow = 0
    public var freezeEpochs = 0
    /// Stages below this keep their weights for the whole training.
    public var alwaysFrozenStagesBelow = 0
    /// Epochs without a better validation loss after which training ends; 0 never ends early.
    public var earlyStoppingPatience = 0
    public var selection = Selection.lastEpoch
    /// Share of the newest batch in the running statistics of batch normalisation. Pretrained networks are often
    /// published with 0.01, too slow for the few hundred steps of a fine-tune: the old task's statistics would stay.
    public var batchNormalizationMomentum: Float = 0.1
    /// Share of the training part held out for validation, calibration and thresholds.
    public var validationFraction = 0.1
    public var precision = Precision.automatic
    /// Threads within libtorch; 0 takes all processors.
    public var threads = 0
    public var seed: UInt64 = 1
    /// Megabytes of preprocessed images kept in memory; beyond it images are decoded anew each epoch.
    public var cacheMegabytes = 4096
    public var preprocessing = PreprocessingPipeline.standard(side: 224)
    public var augmentation = Augmentation.standard
    /// Epochs at the end in which images keep their own colours and are varied by `refinementAugmentation` only, so that
    /// the network ends on images like those that it will be asked about (He et al. 2019, *Data augmentation revisited*).
    public var refinementEpochs = 0
    public var refinementAugmentation = Augmentation.moderate

    public init() {}

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        func read<T: Decodable>(_ key: CodingKeys, _ fallback: T) throws -> T {
            try box.decodeIfPresent(T.self, forKey: key) ?? fallback
        }
        let d = TrainingConfiguration()
        architecture = try read(.architecture, d.architecture)
        pretrained = try read(.pretrained, d.pretrained)
        classes = try read(.classes, d.classes)
        batchSize = try read(.batchSize, d.batchSize)
        epochs = try read(.epochs, d.epochs)
        optimizer = try read(.optimizer, d.optimizer)
        learningRate = try read(.learningRate, d.learningRate)
        finalLearningRateShare = try read(.finalLearningRateShare, d.finalLearningRateShare)
        warmUpEpochs = try read(.warmUpEpochs, d.warmUpEpochs)
        weightDecay = try read(.weightDecay, d.weightDecay)
        labelSmoothing = try read(.labelSmoothing, d.labelSmoothing)
        classWeights = try read(.classWeights, d.classWeights)
        epochImages = try read(.epochImages, d.epochImages)
        grouping = try read(.grouping, d.grouping)
        groupBalance = try read(.groupBalance, d.groupBalance)
        groupRobustness = try read(.groupRobustness, d.groupRobustness)
        stainTransfer = try read(.stainTransfer, d.stainTransfer)
        nearDomain = try read(.nearDomain, d.nearDomain)
        shapeJitter = try read(.shapeJitter, d.shapeJitter)
        nucleusErasure = try read(.nucleusErasure, d.nucleusErasure)
        nucleusGuidance = try read(.nucleusGuidance, d.nucleusGuidance)
        teacher = try read(.teacher, d.teacher)
        distillation = try read(.distillation, d.distillation)
        distillationTemperature = try read(.distillationTemperature, d.distillationTemperature)
        styleMixing = try read(.styleMixing, d.styleMixing)
        styleMixingStagesBelow = try read(.styleMixingStagesBelow, d.styleMixingStagesBelow)
        averageDecay = try read(.averageDecay, d.averageDecay)
        gradientClip = try read(.gradientClip, d.gradientClip)
        freezeStagesBelow = try read(.freezeStagesBelow, d.freezeStagesBelow)
        freezeEpochs = try read(.freezeEpochs, d.freezeEpochs)
        alwaysFrozenStagesBelow = try read(.alwaysFrozenStagesBelow, d.alwaysFrozenStagesBelow)
        earlyStoppingPatience = try read(.earlyStoppingPatience, d.earlyStoppingPatience)
        selection = try read(.selection, d.selection)
        batchNormalizationMomentum = try read(.batchNormalizationMomentum, d.batchNormalizationMomentum)
        validationFraction = try read(.validationFraction, d.validationFraction)
        precision = try read(.precision, d.precision)
        threads = try read(.threads, d.threads)
        seed = try read(.seed, d.seed)
        cacheMegabytes = try read(.cacheMegabytes, d.cacheMegabytes)
        preprocessing = try read(.preprocessing, d.preprocessing)
        augmentation = try Self.augmentation(.augmentation, in: box) ?? d.augmentation
        refinementEpochs = try read(.refinementEpochs, d.refinementEpochs)
        refinementAugmentation =
            try Self.augmentation(.refinementAugmentation, in: box) ?? d.refinementAugmentation
    }
}

extension TrainingConfiguration {
    /// The whole value, or the name of a preset: "standard", "moderate", "light" or "none".
    private static func augmentation(
        _ key: CodingKeys, in box: KeyedDecodingContainer<CodingKeys>
    ) throws -> Augmentation? {
        guard box.contains(key) else { return nil }
        guard let name = try? box.decode(String.self, forKey: key) else {  // no name: then the value itself
            return try box.decode(Augmentation.self, forKey: key)
        }
        switch name {
        case "standard": return .standard
        case "moderate": return .moderate
        case "light": return .light
        case "none": return Augmentation.none
        default:
            throw DecodingError.dataCorruptedError(
                forKey: key, in: box,
                debugDescription: "there is no augmentation \"\(name)\"; there are standard, moderate, light and none")
        }
    }

    /// Reads a JSON file over the defaults.
    /// - Throws: `TrainingError` naming the key that is unknown or has a wrong value.
    public static func read(from file: URL) throws -> TrainingConfiguration {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw TrainingError(.configuration, "cannot read \(file.path): \(error.localizedDescription)")
        }
        return try decode(data, source: file.path)
    }

    static func decode(_ data: Data, source: String) throws -> TrainingConfiguration {
        do {
            let known = try JSONSerialization.jsonObject(with: JSONFormat.line.data(TrainingConfiguration()))
            let given = try JSONSerialization.jsonObject(with: data)
            guard let known = known as? [String: Any], let given = given as? [String: Any] else {
                throw TrainingError(.configuration, "\(source) must hold one JSON object")
            }
            if let unknown = given.keys.sorted().first(where: { known[$0] == nil }) {
                let keys = known.keys.sorted().joined(separator: ", ")
                throw TrainingError(.configuration, "\(source): unknown key \"\(unknown)\"; the keys are \(keys)")
            }
            return try JSONDecoder().decode(TrainingConfiguration.self, from: data)
        } catch let error as TrainingError {
            throw error
        } catch let error as DecodingError {
            throw TrainingError(.configuration, "\(source): \(error.explanation)")
        } catch {
            throw TrainingError(.configuration, "\(source) is not JSON: \(error.localizedDescription)")
        }
    }

    /// How images are varied in an epoch.
    /// - Parameter refines: Whether it is one of the last, `refinementEpochs`.
    func variation(refines: Bool) -> Augmentation {
        var variation = refines ? refinementAugmentation : augmentation
        variation.geometry.stretch = shapeJitter
        return variation
    }

    /// Pretty JSON with sorted keys, so that equal configurations are equal files.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    /// What decides the outcome: the configuration without threads and cache, on one line.
    public func decisiveJSON() throws -> String {
        var decisive = self
        decisive.threads = 0
        decisive.cacheMegabytes = 0
        return try JSONFormat.line.text(decisive)
    }

    /// Whether a recorded configuration decides the same: one that an older version wrote lacks what that did not know, and
    /// had the defaults of it.
    package func decidesAs(_ json: String, source: String) throws -> Bool {
        try Self.decode(Data(json.utf8), source: source).decisiveJSON() == decisiveJSON()
    }

    /// The precision after `automatic` is decided.
    public var resolvedPrecision: Precision {
        guard precision == .automatic else { return precision }
        return TrainableNetwork.hasBFloat16 ? .bfloat16 : .float32
    }

    /// The architecture that `architecture` names.
    public var resolvedArchitecture: Architecture {
        get throws {
            guard let found = Architecture(rawValue: architecture) else {
                throw TrainingError(
                    .configuration,
                    "there is no architecture \"\(architecture)\"; there are \(Architecture.names)")
            }
            return found
        }
    }

    /// By what the teacher is trained: the same, with its own architecture and no teacher. nil where there is none.
    var teacherConfiguration: TrainingConfiguration? {
        guard !teacher.isEmpty else { return nil }
        var configuration = self
        configuration.architecture = teacher
        configuration.teacher = ""
        return configuration
    }
}

extension DecodingError {
    /// The key and what was wrong with it, in words.
    var explanation: String {
        func path(_ context: Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "\(path(context)): \(context.debugDescription)"
        case .keyNotFound(let key, let context):
            return "\(path(context)): the key \(key.stringValue) is missing"
        @unknown default: return localizedDescription
        }
    }
}
