import Findings

extension TrainingConfiguration {
    /// - Throws: `TrainingError` naming the first value that cannot work and what would.
    public func validate() throws {
        func require(_ holds: Bool, _ message: String) throws {
            if !holds { throw TrainingError(.configuration, message) }
        }
        _ = try resolvedArchitecture
        let unknown = classes.first { SmearClass(rawValue: $0) == nil }
        try require(
            unknown == nil,
            "there is no class \"\(unknown ?? "")\"; there are \(SmearClass.keys.joined(separator: ", "))")
        try require(
            classes.isEmpty || Set(classes).count > 1, "classes names one class; leave it out, or name at least two")
        try require(epochs >= 1, "epochs is \(epochs); at least 1 is needed")
        try require(
            (0...epochs).contains(refinementEpochs),
            "refinementEpochs is \(refinementEpochs); it must lie from 0 to epochs, which is \(epochs)")
        try require(batchSize >= 2, "batchSize is \(batchSize); batch normalisation needs at least 2")
        try require(learningRate > 0 && learningRate.isFinite, "learningRate is \(learningRate); it must be above 0")
        try require((0...1).contains(finalLearningRateShare), "finalLearningRateShare must lie from 0 to 1")
        try require(warmUpEpochs >= 0, "warmUpEpochs is \(warmUpEpochs); it cannot be negative")
        try require(weightDecay >= 0, "weightDecay is \(weightDecay); it cannot be negative")
        try require((0..<1).contains(labelSmoothing), "labelSmoothing must lie from 0 to below 1")
        try require(
            epochImages == 0 || epochImages >= batchSize,
            "epochImages is \(epochImages); it is 0 or at least batchSize, which is \(batchSize)")
        try require((0...1).contains(shapeJitter), "shapeJitter must lie from 0 to 1")
        try require((0...1).contains(groupBalance), "groupBalance must lie from 0 to 1")
        try require(
            groupRobustness >= 0 && groupRobustness.isFinite,
            "groupRobustness is \(groupRobustness); it cannot be negative")
        _ = try teacherConfiguration?.resolvedArchitecture
        try require((0...1).contains(distillation), "distillation is a share; it must lie from 0 to 1")
        try require(
            distillationTemperature > 0 && distillationTemperature.isFinite,
            "distillationTemperature is \(distillationTemperature); it must be above 0")
        try require((0...1).contains(stainTransfer), "stainTransfer is a probability; it must lie from 0 to 1")
        try require((0...1).contains(nearDomain), "nearDomain is a probability; it must lie from 0 to 1")
        try require((0...0.5).contains(nucleusErasure), "nucleusErasure is a probability; it must lie from 0 to 0.5")
        try require(
            nucleusGuidance >= 0 && nucleusGuidance.isFinite,
            "nucleusGuidance is \(nucleusGuidance); it cannot be negative")
        try require((0...1).contains(styleMixing), "styleMixing is a probability; it must lie from 0 to 1")
        try require((0..<1).contains(averageDecay), "averageDecay must lie from 0 to below 1")
        try require(gradientClip >= 0, "gradientClip is \(gradientClip); it cannot be negative")
        try require((0.02...0.5).contains(validationFraction), "validationFraction must lie from 0.02 to 0.5")
        try require(
            batchNormalizationMomentum > 0 && batchNormalizationMomentum <= 1,
            "batchNormalizationMomentum must be above 0 and at most 1")
        try require(threads >= 0, "threads is \(threads); it cannot be negative")
    }
}
