import Formats
import Foundation
import Reports

/// One row of `history.csv`.
public struct EpochRecord: Codable, Sendable, Equatable {
    /// Counted from 1.
    public var epoch: Int
    /// Of the epoch's last step.
    public var learningRate: Double
    /// Mean cross entropy over augmented training images, in nats, label smoothing included.
    public var trainingLoss: Double
    /// Over augmented training images, 0 to 1.
    public var trainingAccuracy: Double
    /// Mean cross entropy over validation images, in nats, without smoothing.
    public var validationLoss: Double
    public var validationAccuracy: Double
    public var validationMacroF1: Double
    /// Training images a second, data preparation included.
    public var imagesPerSecond: Double
    /// The epoch's length, validation included.
    public var seconds: Double
}

/// The epochs so far.
public struct TrainingHistory: Codable, Sendable, Equatable {
    public var epochs: [EpochRecord] = []

    public init() {}

    /// The columns of `history.csv`.
    public static let columns = [
        "epoch", "learning_rate", "training_loss", "training_accuracy", "validation_loss", "validation_accuracy",
        "validation_macro_f1", "images_per_second", "seconds",
    ]

    /// RFC 4180 text with a header line.
    public var csv: String {
        let rows = epochs.map { row in
            let figures = [
                row.learningRate, row.trainingLoss, row.trainingAccuracy, row.validationLoss, row.validationAccuracy,
                row.validationMacroF1, row.imagesPerSecond, row.seconds,
            ]
            return [String(row.epoch)] + figures.map { String(format: "%.6g", $0) }
        }
        return CSV.table([Self.columns] + rows)
    }

    /// Loss and accuracy over the epochs, training and validation, as one SVG picture.
    public func curves(title: String) -> String {
        LineChart.trainingCurves(
            title: title, epochs: epochs.map(\.epoch), trainingLoss: epochs.map(\.trainingLoss),
            validationLoss: epochs.map(\.validationLoss), trainingAccuracy: epochs.map(\.trainingAccuracy),
            validationAccuracy: epochs.map(\.validationAccuracy)
        ).svg()
    }

    /// The epoch with the least validation loss.
    public var best: EpochRecord? { epochs.min { $0.validationLoss < $1.validationLoss } }
}
