import Foundation

/// Linear warm-up, then half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts).
public struct LearningRateSchedule: Sendable {
    let highest: Double
    let lowest: Double
    let warmUpSteps: Double
    let steps: Double

    public init(configuration: TrainingConfiguration, stepsPerEpoch: Int) {
        highest = configuration.learningRate
        lowest = configuration.learningRate * configuration.finalLearningRateShare
        steps = Double(configuration.epochs * stepsPerEpoch)
        warmUpSteps = min(configuration.warmUpEpochs * Double(stepsPerEpoch), steps)
    }

    /// The learning rate of a step, counted from 0.
    public func learningRate(step: Int) -> Double {
        let position = Double(step)
        if position < warmUpSteps { return highest * (position + 1) / warmUpSteps }
        let progress = (position - warmUpSteps) / max(1, steps - warmUpSteps)
        return lowest + (highest - lowest) * (1 + cos(.pi * min(1, progress))) / 2
    }
}
