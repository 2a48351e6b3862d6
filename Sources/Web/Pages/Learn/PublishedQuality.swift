import Evaluation
import Foundation

/// What a package's `metrics.json` says beyond its headline figures; each part may be missing.
struct PublishedQuality: Sendable, Decodable {
    /// The figures of one class over all test images.
    struct ClassFigures: Sendable, Decodable {
        let recall: Double?
        let support: Int
    }

    /// All test images together.
    struct Pooled: Sendable, Decodable {
        let perClass: [String: ClassFigures]?
        /// Lower and upper end of the 95 % intervals.
        let confidenceIntervals95: [String: [Double]]?
    }

    /// The method that is used, and bins of the reliability diagram.
    struct CalibrationPart: Sendable, Decodable {
        struct Candidate: Sendable, Decodable {
            let method: LogitCalibrator.Method
            let ece15: Double
        }

        let method: LogitCalibrator.Method
        let candidates: [Candidate]
        let reliability: [Calibration.Bin]
    }

    /// Stated and measured coverage of the prediction sets.
    struct PredictionSets: Sendable, Decodable {
        let coverage: Double
        let largestGap: Double
        /// The probability from which on a class is never left out; nil in packages of before.
        let alwaysPossible: Double?
        let summary: ConformalSummary
    }

    /// What answering only the surer images gives.
    struct Selection: Sendable, Decodable {
        let curve: [RiskCoverageCurve.Point]
        let decisions: DecisionFigures
    }

    /// A cross-validation, as far as this page shows it.
    struct Measured: Sendable, Decodable {
        let split: String
        let pooled: Pooled
        let conformalCoverage: [String: Double]?
        let calibration: CalibrationPart?
        let predictionSets: PredictionSets?
        let selection: Selection?
        let series: [SubgroupFigures]?
        let refusedAsNovel: Double?
    }

    let crossValidation: Measured?
    /// Each acquisition series as answered by a network that had not seen it.
    let leftOutSeries: Measured?

    /// - Parameter data: The content of `metrics.json`.
    /// - Throws: `WebError.resource` when a part is there and cannot be understood.
    init(json data: Data) throws {
        do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
            throw WebError(.resource, fault: "metrics.json of the model package cannot be understood: \(error)")
        }
    }
}
