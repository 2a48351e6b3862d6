import Foundation
import Networks
import Randomness
import Tensors

/// What happens during a training, for progress displays.
public enum TrainingEvent: Sendable {
    case imagesRead(done: Int, of: Int)
    case epochStarted(epoch: Int, of: Int)
    /// Means over the epoch so far; `remaining` is for the whole training, in seconds.
    case batchEnded(
        epoch: Int, epochs: Int, batch: Int, of: Int, loss: Double, accuracy: Double, imagesPerSecond: Double,
        remaining: Double)
    case epochEnded(EpochRecord, of: Int)
    case resumed(afterEpoch: Int)
    case endedEarly(epoch: Int)
}

/// Trains one network on one part of a data set, and can go on where it was stopped.
///
/// `run` blocks for hours: call it on a thread of its own. After each epoch `checkpoint.safetensors` holds everything
/// that going on needs; `history.csv` and `curves.svg` follow the epochs.
///
/// Several processes may train together: each takes its part of every batch, and the steps are those of one process, so that a
/// training may go on with another number of them. Process 0 alone reads and writes files.
public final class Trainer {
    /// The images' indices that are trained on, and those that are validated on.
    public struct Parts: Sendable {
        public let training: [Int]
        public let validation: [Int]

        public init(training: [Int], validation: [Int]) {
            self.training = training
            self.validation = validation
        }
    }

    let configuration: TrainingConfiguration
    let cache: ImageCache
    let labels: [Int]
    let order: EpochOrder
    let erasure: NucleusErasure?
    /// Where the evidence is to lie; nil where that is not asked.
    let guidance: TrainingNuclei?
    let transfer: StainTransfer?
    let nearDomain: NearDomainVariation?
    /// What each group counts for; nil where all images count alike.
    var robustness: GroupRobustness?
    /// The network whose answers are learned besides the labels.
    let teacher: TrainableNetwork?
    /// The processes that train together.
    let group: ProcessGroup
    let classCount: Int
    let parts: Parts
    let dataFingerprint: String
    let directory: URL
    let network: TrainableNetwork
    let observe: (TrainingEvent) -> Void
    let shouldStop: () -> Bool

    /// The epochs so far, those before a resume included.
    public internal(set) var history = TrainingHistory()
    var best: [String: Tensor] = [:]
    var completedSteps = 0

    /// - Parameters:
    ///   - labels: The class number of every image of the cache.
    ///   - sources: The acquisition run of every image, or its series, where known; empty where no image has one.
    ///   - dataFingerprint: Names the images and labels; a checkpoint goes on with the same ones only.
    ///   - teacher: Trained for the same classes; it must not have seen the validation images either.
    ///   - group: The processes that train together, all given the same.
    ///   - directory: Where checkpoint, history and curves go; made if missing.
    ///   - shouldStop: Asked between batches; true ends the run with `TrainingError/Code/interrupted`.
    public init(
        configuration: TrainingConfiguration, initialWeights: [String: Tensor], cache: ImageCache, labels: [Int],
        sources: [String?] = [], classCount: Int, parts: Parts, dataFingerprint: String,
        teacher: TrainableNetwork? = nil, group: ProcessGroup = .alone, directory: URL,
        observe: @escaping (TrainingEvent) -> Void = { _ in },
        shouldStop: @escaping () -> Bool = { false }
    ) throws {
        try configuration.validate()
        guard parts.training.count >= 2, !parts.validation.isEmpty else {
            throw TrainingError(
                .data,
                "\(parts.training.count) training and \(parts.validation.count) validation images are too few; "
                    + "at least 2 and 1 are needed")
        }
        (self.configuration, self.cache, self.labels, self.group) = (configuration, cache, labels, group)
        let groups = TrainingGroups(labels: labels, sources: sources)
        order = EpochOrder(
            training: parts.training, groups: groups, balance: configuration.groupBalance,
            count: configuration.epochImages > 0 ? configuration.epochImages : parts.training.count)
        robustness =
            configuration.groupRobustness > 0
            ? GroupRobustness(
                stepSize: configuration.groupRobustness, groups: groups, training: parts.training) : nil
        self.teacher = teacher
        let nuclei =
            configuration.nucleusErasure > 0 || configuration.nucleusGuidance > 0
            ? try TrainingNuclei(cache: cache, training: parts.training) : nil
        erasure =
            configuration.nucleusErasure > 0
            ? try nuclei.map { try NucleusErasure(probability: configuration.nucleusErasure, nuclei: $0) } : nil
        guidance = configuration.nucleusGuidance > 0 ? nuclei : nil
        transfer =
            configuration.stainTransfer > 0
            ? try StainTransfer(
                probability: configuration.stainTransfer, cache: cache, labels: labels, training: parts.training) : nil
        nearDomain =
            configuration.nearDomain > 0
            ? try NearDomainVariation(
                probability: configuration.nearDomain, cache: cache, labels: labels, training: parts.training) : nil
        (self.classCount, self.parts, self.dataFingerprint) = (classCount, parts, dataFingerprint)
        (self.directory, self.observe, self.shouldStop) = (directory, observe, shouldStop)
        let threads = configuration.threads > 0 ? configuration.threads : ProcessInfo.processInfo.activeProcessorCount
        TrainableNetwork.prepare(threads: threads)
        network = try TrainableNetwork(
            graph: TrainingRun.graph(configuration, classes: classCount), weights: initialWeights, group: group)
        guard wholeBatchSize >= group.size else {
            throw TrainingError(
                .configuration,
                "\(group.size) processes cannot share a batch of \(wholeBatchSize) images; start at most so many")
        }
        guard group.isFirst else { return }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Which weights validation and release read.
    var weightsInUse: TrainableNetwork.Weights { configuration.averageDecay > 0 ? .average : .current }

    var stepsPerEpoch: Int { max(1, order.count / configuration.batchSize) }

    /// Images a step, over all processes.
    private var wholeBatchSize: Int { min(order.count, configuration.batchSize) }

    private var usesBFloat16: Bool { configuration.resolvedPrecision == .bfloat16 }

    /// The share of each class turned into weights, or nil.
    var classWeights: [Float]? {
        guard configuration.classWeights == .balanced else { return nil }
        var counts = [Int](repeating: 0, count: classCount)
        for index in parts.training { counts[labels[index]] += 1 }
        return counts.map { $0 == 0 ? 0 : Float(parts.training.count) / Float(classCount * $0) }
    }

    /// Trains to the end, or on from the checkpoint if there is one and `resume` is set.
    /// - Returns: The finished network, its weights being those that were selected.
    /// - Throws: `TrainingError`; after `interrupted`, `processes` or a crash the same call with `resume` goes on, in all
    ///   processes.
    public func run(resume: Bool) throws -> TrainableNetwork {
        do {
            return try train(resume: resume)
        } catch let error as TrainingError where error.code == .processes {
            throw TrainingError(
                .processes,
                "\(error.message), train with --resume, and they go on after epoch \(history.epochs.count)")
        }
    }

    private func train(resume: Bool) throws -> TrainableNetwork {
        try group.requireSame(
            "\(fingerprint) \(configuration.resolvedPrecision)", "the configuration, the precision or the images")
        try network.beginTraining(configuration, classWeights: classWeights)
        if try group.first({ try Self.hasBegun(in: directory, resume: resume) }) { try restore() }
        // Process 0 decides for all: elsewhere the last bit of a loss may be another.
        var ended = try group.first { history.epochs.count >= configuration.epochs || isWorn }
        while !ended {
            try runEpoch(history.epochs.count + 1)
            ended = history.epochs.count >= configuration.epochs
            if try !ended && group.first({ isWorn }) {
                observe(.endedEarly(epoch: history.epochs.count))
                ended = true
            }
        }
        let selected = best.isEmpty ? try network.weights(weightsInUse) : best
        try network.freeze(stagesBelow: 0)
        try network.setWeights(selected)
        return network
    }

    /// Whether validation has not improved for as long as patience lasts.
    private var isWorn: Bool {
        guard configuration.earlyStoppingPatience > 0, let best = history.best else { return false }
        return history.epochs.count - best.epoch >= configuration.earlyStoppingPatience
    }

    private func runEpoch(_ epoch: Int) throws {
        observe(.epochStarted(epoch: epoch, of: configuration.epochs))
        let frozen = epoch <= configuration.freezeEpochs ? configuration.freezeStagesBelow : 0
        try network.freeze(stagesBelow: max(frozen, configuration.alwaysFrozenStagesBelow))
        try network.broadcast()
        let started = ContinuousClock.now
        let pass = try trainOnce(epoch)
        let trainingSeconds = ContinuousClock.now - started
        let validation = try NetworkPredictor(network: network, weights: weightsInUse).predict(
            cache: cache, labels: labels, indices: parts.validation, sharedAmong: group)
        let record = EpochRecord(
            epoch: epoch, learningRate: pass.learningRate, trainingLoss: pass.meanLoss,
            trainingAccuracy: pass.accuracy, validationLoss: validation.crossEntropy,
            validationAccuracy: validation.accuracy, validationMacroF1: try validation.macroF1(classes: classCount),
            imagesPerSecond: Double(pass.images) / trainingSeconds.inSeconds,
            seconds: (ContinuousClock.now - started).inSeconds)
        history.epochs.append(record)
        if try keepsBest && group.first({ history.best == record }) { best = try network.weights(weightsInUse) }
        try save()
        observe(.epochEnded(record, of: configuration.epochs))
    }

    private var keepsBest: Bool {
        configuration.selection == .bestValidationLoss || configuration.earlyStoppingPatience > 0
    }

    /// One pass over the training images in an order that seed and epoch decide.
    private func trainOnce(_ epoch: Int) throws -> EpochPass {
        var shuffler = SplitMix64(seed: configuration.seed, 1, UInt64(epoch))
        let refines = epoch > configuration.epochs - configuration.refinementEpochs
        let loader = BatchLoader(
            cache: cache, labels: labels, order: order.images(using: &shuffler),
            batchSize: configuration.batchSize, dropsRemainder: true, erasure: erasure, guidance: guidance,
            transfer: refines ? nil : transfer, nearDomain: refines ? nil : nearDomain,
            augmentation: configuration.variation(refines: refines),
            seed: shuffler.next(), group: group)
        let schedule = LearningRateSchedule(configuration: configuration, stepsPerEpoch: stepsPerEpoch)
        var pass = EpochPass()
        let started = ContinuousClock.now
        while let batch = try loader.nextBatch() {
            if try group.any(shouldStop()) {
                throw TrainingError(
                    .interrupted, "stopped in epoch \(epoch); --resume goes on after epoch \(epoch - 1)")
            }
            pass.learningRate = schedule.learningRate(step: completedSteps)
            var dropout = SplitMix64(seed: configuration.seed, 2, UInt64(completedSteps))
            let whole = robustness == nil ? batch : try whole(batch)
            let weights = robustness?.weights(whole) ?? []
            let result = try network.step(
                batch, learningRate: pass.learningRate, seed: dropout.next(),
                weights: weights.isEmpty ? [] : Array(weights[group.part(of: weights.count)]),
                teacher: teacher?.forward(batch, bfloat16: usesBFloat16).logits.values ?? [])
            robustness?.learn(try group.gather(result.losses, width: 1, count: whole.count), of: whole)
            pass.add(result, batch)
            completedSteps += 1
            report(pass, epoch: epoch, batches: loader.count, seconds: (ContinuousClock.now - started).inSeconds)
        }
        try pass.addUp(over: group)
        return pass
    }

    /// The labels and indices of the batch of which every process has a part; the images stay where they are.
    private func whole(_ batch: Batch) throws -> Batch {
        func gather(_ numbers: [Float]) throws -> [Float] {
            try group.gather(numbers, width: 1, count: wholeBatchSize)
        }
        return Batch(
            images: [], labels: try gather(batch.labels.map { Float($0) }).map { Int64($0) }, height: batch.height,
            width: batch.width, indices: try gather(batch.indices.map { Float($0) }).map { Int($0) })
    }

    private func report(_ pass: EpochPass, epoch: Int, batches: Int, seconds: Double) {
        let stepsLeft = (configuration.epochs - epoch) * batches + batches - pass.batches
        observe(
            .batchEnded(
                epoch: epoch, epochs: configuration.epochs, batch: pass.batches, of: batches, loss: pass.meanLoss,
                accuracy: pass.accuracy, imagesPerSecond: Double(pass.images * group.size) / max(1e-9, seconds),
                remaining: seconds / Double(pass.batches) * Double(stepsLeft)))
    }
}

/// Sums over the batches of one epoch.
private struct EpochPass {
    var lossSum = 0.0
    var correct = 0
    var images = 0
    /// Of the images, those that show a class.
    var classed = 0
    var batches = 0
    var learningRate = 0.0

    var meanLoss: Double { images == 0 ? 0 : lossSum / Double(images) }
    var accuracy: Double { classed == 0 ? 0 : Double(correct) / Double(classed) }

    mutating func add(_ result: TrainableNetwork.StepResult, _ batch: Batch) {
        lossSum += result.loss * Double(batch.count)
        correct += result.correct
        images += batch.count
        classed += batch.labels.count { $0 != Batch.noClass }
        batches += 1
    }

    /// Adds up what the processes have seen.
    mutating func addUp(over group: ProcessGroup) throws {
        let sums = try group.sum([lossSum, Double(correct), Double(images), Double(classed)])
        (lossSum, correct, images, classed) = (sums[0], Int(sums[1]), Int(sums[2]), Int(sums[3]))
    }
}

extension Duration {
    /// As a floating-point number of seconds.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
