import Foundation

/// What a package's `metrics.json` says of its quality, as far as one package is held against another.
public struct PackageFigures: Sendable, Equatable {
    /// How the figures were found; two packages can be compared only where this is the same.
    public enum Method: Sendable, Equatable {
        /// Pooled test images of a cross-validation: how the folds were cut, how many, and the SHA-256 of the manifest.
        case crossValidation(split: String, folds: Int, manifest: String)
        /// Held-out images that the calibration saw: the SHA-256 of the manifest of the training data.
        case validation(manifest: String)
    }

    public let method: Method
    /// Images measured.
    public let images: Int
    /// 0 to 1.
    public let macroF1: Double
    /// 0 to 1.
    public let malignantSensitivity: Double
    /// Lower and upper end of the 95 % intervals, by the names of the file.
    public let intervals: [String: ClosedRange<Double>]

    /// - Parameters:
    ///   - json: The content of `metrics.json`.
    ///   - description: The package's description, whose provenance names the training data.
    /// - Returns: `nil` when the file holds neither a cross-validation nor figures of validation images.
    /// - Throws: `PackagingError` with `.malformed`.
    public init?(json: Data, description: ModelDescription) throws {
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: json) } catch {
            throw PackagingError(
                .malformed, "holds no figures that can be read", path: ModelPackage.FileName.metrics, underlying: error)
        }
        let measured: Measurement
        if let cross = file.crossValidation {
            method = .crossValidation(split: cross.split, folds: cross.folds.count, manifest: cross.manifestSHA256)
            measured = cross.pooled
        } else if let validation = file.validation {
            method = .validation(manifest: description.provenance.dataManifestSHA256)
            measured = validation
        } else {
            return nil
        }
        guard let macroF1 = measured.macroF1, let sensitivity = measured.malignantSensitivity else { return nil }
        guard [macroF1, sensitivity].allSatisfy({ (0...1).contains($0) }), let images = measured.images, images > 0
        else {
            throw PackagingError(
                .malformed, "holds figures that are no shares of images", path: ModelPackage.FileName.metrics)
        }
        self.images = images
        self.macroF1 = macroF1
        malignantSensitivity = sensitivity
        intervals = (measured.confidenceIntervals95 ?? [:]).compactMapValues { ends in
            guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high else { return nil }
            return low...high
        }
    }

    private struct File: Decodable {
        let validation: Measurement?
        let crossValidation: CrossValidation?
    }

    private struct CrossValidation: Decodable {
        struct Fold: Decodable {}
        let split: String
        let folds: [Fold]
        let manifestSHA256: String
        let pooled: Measurement
    }

    private struct Measurement: Decodable {
        let images: Int?
        let macroF1: Double?
        let malignantSensitivity: Double?
        let confidenceIntervals95: [String: [Double?]]?
    }
}
