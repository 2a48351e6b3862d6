import Findings
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

    /// Why the package is refused, where it is; the rows tell how much is missing.
    public var reason: Message {
        switch obstacle {
        case .noFigures: Message("errors.models.noFigures")
        case .otherMethod(let candidate, let active):
            Message(
                "errors.models.otherMethod",
                ["candidate": .text(Self.name(of: candidate)), "active": .text(Self.name(of: active))])
        case nil:
            Message(
                "errors.models.worse",
                ["figures": .list(rows.filter(\.isWorse).map { .term("admin.models.figures.\($0.figure.rawValue)") })])
        }
    }

    private static func name(of method: PackageFigures.Method) -> String {
        switch method {
        case .crossValidation(let split, let folds, let manifest): "\(folds) × \(split) (\(manifest.prefix(12)))"
        case .validation(let manifest): "validation (\(manifest.prefix(12)))"
        }
    }
}
