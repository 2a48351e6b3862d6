import Packaging

/// A package's figures beside those of the active model.
///
/// The rule: a package is worse when its macro-F1 or its sensitivity for malignant classes is more than half a percentage
/// point below the active model's, or below the lower end of the active model's 95 % interval. Only figures that were
/// found in the same way on the same images say anything about each other; where they were not, or where the package has
/// none, it counts as worse. Where the active model has no figures, there is nothing that a package could fall below.
public struct ModelComparison: Sendable, Equatable {
    /// What is compared.
    public enum Figure: String, Sendable, CaseIterable { case macroF1, malignantSensitivity }

    /// A figure of both.
    public struct Row: Sendable, Equatable {
        public let figure: Figure
        /// 0 to 1.
        public let candidate: Double
        /// 0 to 1.
        public let active: Double
        /// The active model's 95 % interval, where it is known.
        public let interval: ClosedRange<Double>?

        /// Whether the candidate is worse by the rule.
        public var isWorse: Bool { candidate < floor }
        /// Below this the candidate is worse.
        public var floor: Double { max(active - ModelComparison.tolerance, interval?.lowerBound ?? 0) }
    }

    /// Why the figures cannot be compared.
    public enum Obstacle: Sendable, Equatable {
        /// The package has none.
        case noFigures
        /// They were found in another way, or on other images.
        case otherMethod(candidate: PackageFigures.Method, active: PackageFigures.Method)
    }

    /// What a figure may be lower without being worse.
    public static let tolerance = 0.005

    /// Empty where nothing could be compared.
    public let rows: [Row]
    public let obstacle: Obstacle?

    /// Whether the package may take the active model's place.
    public var isAcceptable: Bool { obstacle == nil && !rows.contains(where: \.isWorse) }

    /// - Parameters:
    ///   - candidate: The package's figures, where it has any.
    ///   - active: The active model's figures, where it has any.
    public init(candidate: PackageFigures?, active: PackageFigures?) {
        guard let candidate else {
            (rows, obstacle) = ([], .noFigures)
            return
        }
        guard let active else {
            (rows, obstacle) = ([], nil)
            return
        }
        rows = [
            Row(
                figure: .macroF1, candidate: candidate.macroF1, active: active.macroF1,
                interval: active.intervals["macroF1"]),
            Row(
                figure: .malignantSensitivity, candidate: candidate.malignantSensitivity,
                active: active.malignantSensitivity, interval: active.intervals["malignantSensitivity"]),
        ]
        obstacle =
            candidate.method == active.method
            ? nil : .otherMethod(candidate: candidate.method, active: active.method)
    }

    /// Why the package is refused, in one sentence; empty where it is not.
    public var reason: String {
        switch obstacle {
        case .noFigures:
            return "Its metrics.json has no figures, so nobody can tell whether it is as good as the active model."
        case .otherMethod(let candidate, let active):
            return "Its figures cannot be compared with the active model's: they come from \(Self.words(candidate)), "
                + "those of the active model from \(Self.words(active))."
        case nil:
            let worse = rows.filter(\.isWorse).map { row in
                let name = row.figure == .macroF1 ? "macro-F1" : "sensitivity for malignant classes"
                return "\(name) is \(Self.percent(row.candidate)), and must be at least \(Self.percent(row.floor)) "
                    + "(the active model has \(Self.percent(row.active)))"
            }
            return worse.isEmpty ? "" : "It is worse than the active model: \(worse.joined(separator: "; "))."
        }
    }

    private static func words(_ method: PackageFigures.Method) -> String {
        switch method {
        case .crossValidation(let split, let folds, let manifest):
            "a cross-validation of \(folds) folds cut by \(split) on the data \(manifest.prefix(12))"
        case .validation(let manifest): "the validation images of the data \(manifest.prefix(12))"
        }
    }

    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
