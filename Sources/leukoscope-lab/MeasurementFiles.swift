import Foundation
import Training

/// Files about a recipe's quality that a package is to carry.
enum MeasurementFiles {
    /// - Throws: `TrainingError` for a file that cannot be read or is of another kind than it is given for.
    static func read(crossValidation: String?, series: String?, history: String?) throws -> ModelRelease.Measurements {
        let crossed = try crossValidation.map(results)
        if let crossed, crossed.split == "series" {
            throw TrainingError(.data, "\(crossValidation ?? "") is of the split series; give it with --series")
        }
        return ModelRelease.Measurements(
            crossValidation: crossed, leftOutSeries: try series.map(leftOutSeries), history: try history.map(text))
    }

    /// - Throws: `TrainingError` for a file that holds no results of the split `series`.
    static func leftOutSeries(in path: String) throws -> CrossValidationResults {
        let found = try results(in: path)
        guard found.split == "series" else {
            throw TrainingError(.data, "\(path) is of the split \(found.split), not of series")
        }
        return found
    }

    /// - Throws: `TrainingError` for a file that is no UTF-8 text.
    static func text(in path: String) throws -> String {
        do { return try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8) } catch {
            throw TrainingError(.data, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    static func results(in path: String) throws -> CrossValidationResults {
        do {
            return try JSONDecoder().decode(
                CrossValidationResults.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as DecodingError {
            throw TrainingError(.data, "\(path) holds no results of a cross-validation: \(error)")
        } catch {
            throw TrainingError(.data, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
