import Findings
import Imaging

extension ModelDescription {
    /// Checks everything that `model.json` alone can show.
    /// - Throws: `PackagingError` with the field and the two values.
    func validate(path: String) throws {
        try validateClasses(path: path)
        try validateSizes(path: path)
        try validateNumbers(path: path)
        try validateFiles(path: path)
    }

    /// The preprocessing steps as one pipeline that yields the network's input.
    /// - Throws: `PackagingError` with `.wrongPreprocessing`.
    func pipeline(path: String) throws -> PreprocessingPipeline {
        guard let last = preprocessing.last, case .normalize = last else {
            throw PackagingError(
                .wrongPreprocessing, "the last preprocessing step must be normalize", path: path,
                expected: "normalize", actual: preprocessing.last.map { "\($0)" } ?? "no step")
        }
        let pipeline: PreprocessingPipeline
        do {
            pipeline = try PreprocessingPipeline(steps: preprocessing)
        } catch {
            throw PackagingError(
                .wrongPreprocessing, "the preprocessing steps cannot run", path: path, underlying: error)
        }
        guard pipeline.outputWidth == input.width, pipeline.outputHeight == input.height else {
            throw PackagingError(
                .wrongPreprocessing, "preprocessing ends in another size than the network takes", path: path,
                expected: "\(input.width)x\(input.height)",
                actual: "\(pipeline.outputWidth)x\(pipeline.outputHeight)")
        }
        return pipeline
    }

    private func validateClasses(path: String) throws {
        let expected = SmearClass.keys
        guard classKeys == expected else {
            throw PackagingError(
                .wrongClasses, "the classes are not the four of this project in their order", path: path,
                expected: expected.joined(separator: ", "), actual: classKeys.joined(separator: ", "))
        }
        guard classes.map(\.malignant) == SmearClass.allCases.map(\.isMalignant) else {
            throw PackagingError(
                .wrongClasses, "a class is marked malignant that is benign, or the reverse", path: path)
        }
        guard Set(conformal.thresholds.keys) == Set(expected) else {
            throw PackagingError(
                .wrongClasses, "conformal.thresholds must name each class once", path: path,
                expected: expected.joined(separator: ", "),
                actual: conformal.thresholds.keys.sorted().joined(separator: ", "))
        }
    }

    private func validateSizes(path: String) throws {
        var sizes = [
            ("input.width", input.width), ("input.height", input.height),
            ("outputs.embeddingSize", outputs.embeddingSize),
            ("outputs.featureMapWidth", outputs.featureMapWidth),
            ("outputs.featureMapHeight", outputs.featureMapHeight),
        ]
        if let decoding { sizes.append(("decoding.minimumSide", decoding.minimumSide)) }
        let stages = outputs.stages ?? []
        guard stages.count <= 8, Set(stages.map(\.name)).count == stages.count,
            stages.allSatisfy({ !$0.name.isEmpty && (1...200).contains($0.tensor.utf8.count) })
        else {
            throw PackagingError(
                .invalidValue, "outputs.stages must be at most 8, each with a name of its own and a tensor", path: path)
        }
        for stage in stages {
            let values = [("channels", stage.channels), ("width", stage.width), ("height", stage.height)]
            sizes += values.map { ("outputs.stages.\(stage.name).\($0.0)", $0.1) }
        }
        for (field, size) in sizes where !(1...8192).contains(size) {
            throw PackagingError(
                .invalidValue, "\(field) is no usable size", path: path, expected: "1 to 8192", actual: "\(size)")
        }
    }

    private func validateNumbers(path: String) throws {
        var ranges: [(String, Double, ClosedRange<Double>)] = [
            ("calibration.temperature", calibration.temperature, 1e-3...1e3),
            ("conformal.coverage", conformal.coverage, 0...1),
            ("novelty.threshold", novelty.threshold, 0...2),
            ("decision.minimumConfidence", decision.minimumConfidence, 0...1),
        ]
        for (key, threshold) in conformal.thresholds.sorted(by: { $0.key < $1.key }) {
            ranges.append(("conformal.thresholds.\(key)", threshold, 0...1))
        }
        if let selection = decision.selection {
            ranges += [
                ("decision.selection.maximumRisk", selection.maximumRisk, 0...1),
                ("decision.selection.minimumCoverage", selection.minimumCoverage, 0...1),
                ("decision.selection.lowestConfidence", selection.lowestConfidence, 0...1),
                ("decision.selection.risk", selection.risk, 0...1),
                ("decision.selection.coverage", selection.coverage, 0...1),
            ]
        }
        if let cells {
            ranges += [
                ("cells.redCellsAcross", cells.redCellsAcross, 1...1000),
                ("cells.agreement.benignMaximum", cells.agreement.benignMaximum, 0...1),
                ("cells.agreement.malignantMinimum", cells.agreement.malignantMinimum, 0...1),
            ]
        }
        if let benignThreshold = novelty.benignThreshold {
            guard formatVersion >= 3 else {
                throw PackagingError(
                    .invalidValue, "novelty.benignThreshold stands in a format whose readers pass over it", path: path,
                    expected: "format 3", actual: "format \(formatVersion)")
            }
            // The threshold itself is checked before it.
            ranges.append(("novelty.benignThreshold", benignThreshold, 0...max(0, novelty.threshold)))
        }
        if novelty.method == .appearanceMahalanobis {
            ranges.append(("novelty.scale", novelty.scale ?? 0, 1e-6...1e6))
        }
        for (field, value, range) in ranges where !range.contains(value) {
            throw PackagingError(
                .invalidValue, "\(field) is out of range", path: path,
                expected: "\(range.lowerBound) to \(range.upperBound)", actual: "\(value)")
        }
    }

    private func validateFiles(path: String) throws {
        let needed =
            [ModelPackage.FileName.network, ModelPackage.FileName.parameters]
            + (cells == nil ? [] : ModelPackage.FileName.cells)
        for name in needed where files[name] == nil {
            throw PackagingError(
                .wrongChecksum, "states no checksum for \(name)", path: path, expected: "64 hexadecimal digits",
                actual: "nothing")
        }
        // A name with a slash could make the reader open any file of the machine.
        for name in files.keys where name.contains("/") || name.hasPrefix(".") || name.isEmpty {
            throw PackagingError(.malformed, "names a file outside the package: \(name)", path: path)
        }
    }
}
