import Foundation

/// The figures of a package's `metrics.json`: those of a cross-validation where the package carries one, else those of
/// the validation images.
struct PublishedFigures: Sendable, Decodable {
    /// The figures that the page shows, in its order; the names are those of the file.
    enum Figure: String, CodingKey, CaseIterable, Sendable {
        case accuracy, macroF1, malignantSensitivity, benignSpecificity, auroc, ece15, brier
    }

    /// All figures on one set of images.
    struct Measurement: Sendable, Decodable {
        let images: Int
        /// Figures that the images do not define are missing.
        let values: [Figure: Double]
        /// Lower and upper end of the 95 % interval.
        let intervals: [Figure: [Double]]

        private enum Key: String, CodingKey { case images, confidenceIntervals95 }

        init(from decoder: any Decoder) throws {
            let file = try decoder.container(keyedBy: Key.self)
            images = try file.decode(Int.self, forKey: .images)
            values = try PublishedFigures.values(in: decoder.container(keyedBy: Figure.self))
            let bounds = try file.decodeIfPresent([String: [Double]].self, forKey: .confidenceIntervals95) ?? [:]
            intervals = Dictionary(
                Figure.allCases.compactMap { figure in
                    guard let ends = bounds[figure.rawValue], ends.count == 2 else { return nil }
                    return (figure, ends)
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// The same recipe, trained once a fold and measured on images that were not trained on.
    struct CrossValidation: Sendable, Decodable {
        /// How the folds were cut: `blocks`, `random`, `patients` or `series`.
        let split: String
        let folds: Int
        /// All test images together.
        let pooled: Measurement
        let mean: [Figure: Double]
        let worst: [Figure: Double]

        private enum Key: String, CodingKey { case split, folds, pooled, mean, worst }

        init(from decoder: any Decoder) throws {
            let file = try decoder.container(keyedBy: Key.self)
            split = try file.decode(String.self, forKey: .split)
            folds = try file.decode([Measurement].self, forKey: .folds).count
            pooled = try file.decode(Measurement.self, forKey: .pooled)
            mean = try PublishedFigures.values(in: file.nestedContainer(keyedBy: Figure.self, forKey: .mean))
            worst = try PublishedFigures.values(in: file.nestedContainer(keyedBy: Figure.self, forKey: .worst))
        }
    }

    /// On held-out images that calibration and thresholds were fitted on; nil where the file does not say.
    let validation: Measurement?
    let crossValidation: CrossValidation?

    /// - Parameter data: The content of `metrics.json`.
    /// - Throws: `WebError.resource` when it is no JSON object, or a figure is no number.
    init(json data: Data) throws {
        do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
            throw WebError(.resource, fault: "metrics.json of the model package cannot be understood: \(error)")
        }
    }

    private static func values(in file: KeyedDecodingContainer<Figure>) throws -> [Figure: Double] {
        var values: [Figure: Double] = [:]
        for figure in Figure.allCases { values[figure] = try file.decodeIfPresent(Double.self, forKey: figure) }
        return values
    }
}
