import Foundation

/// Everything that decides the outcome of a training of a cell model, apart from the images.
///
/// Read from JSON: each key replaces the default of the same name.
public struct CellTrainingConfiguration: Codable, Sendable, Equatable {
    /// Of one of the two networks.
    public struct Steps: Codable, Sendable, Equatable {
        /// How many steps.
        public var count: Int
        /// Samples a step.
        public var batchSize: Int
        /// The highest learning rate, after the warm-up.
        public var learningRate: Double
        public var weightDecay: Double

        public init(count: Int, batchSize: Int, learningRate: Double, weightDecay: Double) {
            (self.count, self.batchSize) = (count, batchSize)
            (self.learningRate, self.weightDecay) = (learningRate, weightDecay)
        }

        /// Linear rise over 60 steps, then half a cosine.
        func learningRate(step: Int) -> Double {
            let rise = min(1, Double(step + 1) / 60)
            return learningRate * rise * 0.5 * (1 + cos(.pi * Double(step) / Double(max(1, count)))) + 1e-5
        }
    }

    public var seed: UInt64 = 1
    /// Threads within libtorch.
    public var threads = 1
    public var finder = Steps(count: 700, batchSize: 20, learningRate: 4e-3, weightDecay: 1e-4)
    public var reader = Steps(count: 2400, batchSize: 96, learningRate: 3e-3, weightDecay: 1e-3)
    /// Lymphocytes magnified so many times count as blasts; `nil` takes none.
    public var pseudoBlasts: [Double]? = [1.28, 1.7]
    /// Blasts magnified so many times count as lymphocytes; `nil` takes none.
    public var pseudoLymphocytes: [Double]? = [0.5, 0.72]
    /// How far the scale of a cell is varied, as a share.
    public var scaleJitter = 0.15
    /// How far the shape of a cell is varied: standard deviation of the logarithm of width by height. Images of other sets
    /// arrive squeezed, Taleqani's by 0.29.
    public var shapeJitter = 0.06
    /// The least area of a nucleus of a field with leukaemia that counts as a blast, in red cells.
    public var leastBlastArea = 0.8
    /// The most cells of a field that are learned from.
    public var cellsOfField = 7
    /// Which sets to learn from, and how.
    public var sources: [CellSource] = []

    public init() {}

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        func read<T: Decodable>(_ key: CodingKeys, _ fallback: T) throws -> T {
            try box.decodeIfPresent(T.self, forKey: key) ?? fallback
        }
        let d = CellTrainingConfiguration()
        seed = try read(.seed, d.seed)
        threads = try read(.threads, d.threads)
        finder = try read(.finder, d.finder)
        reader = try read(.reader, d.reader)
        pseudoBlasts =
            box.contains(.pseudoBlasts) ? try box.decode([Double]?.self, forKey: .pseudoBlasts) : d.pseudoBlasts
        pseudoLymphocytes =
            box.contains(.pseudoLymphocytes)
            ? try box.decode([Double]?.self, forKey: .pseudoLymphocytes) : d.pseudoLymphocytes
        scaleJitter = try read(.scaleJitter, d.scaleJitter)
        shapeJitter = try read(.shapeJitter, d.shapeJitter)
        leastBlastArea = try read(.leastBlastArea, d.leastBlastArea)
        cellsOfField = try read(.cellsOfField, d.cellsOfField)
        sources = try read(.sources, d.sources)
    }

    /// - Throws: `TrainingError` for a file that cannot be read.
    public static func read(from file: URL) throws -> CellTrainingConfiguration {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
        } catch {
            throw TrainingError(.configuration, "\(file.path) holds no configuration of a cell model: \(error)")
        }
    }
}
