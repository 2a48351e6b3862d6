import Findings
import Imaging
import Offloading
import Packaging
import Screening

/// Lets a model answer drawn smears before it may answer a person's image.
///
/// Which class it names does not matter, for a model of photographs owes drawings nothing; that it answers soundly does.
public enum ModelTrial {
    /// Drawings a class.
    private static let seeds: [UInt64] = [3, 17]

    /// - Parameter screener: The model, compiled.
    /// - Throws: `ModelRefusal` with `.failedTrial`.
    public static func run(_ screener: Screener) async throws {
        var answers: Set<[Double]> = []
        for index in SmearClass.allCases.indices {
            for seed in seeds {
                let image = try await Offloading.process.compute {
                    try ImageEncoder.png(DrawnSmear.draw(class: index, seed: seed))
                }
                let result = try await answer(screener, image)
                try check(result)
                answers.insert(result.probabilities.values)
            }
        }
        guard answers.count > 1 else {
            throw ModelRefusal(.failedTrial, "errors.models.sameAnswer")
        }
    }

    /// The whole of a stored screening, so that heat map, stages and pictures are tried as well.
    private static func answer(_ screener: Screener, _ image: [UInt8]) async throws -> ScreeningOutcome {
        do {
            return try await screener.pictures(image).result
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ModelRefusal(.failedTrial, "errors.models.cannotAnswer", ["reason": "\(error)"])
        }
    }

    private static func check(_ result: ScreeningOutcome) throws {
        let values = result.probabilities.values
        guard values.allSatisfy({ $0.isFinite && (0...1).contains($0) }), result.novelty.isFinite else {
            throw ModelRefusal(.failedTrial, "errors.models.noProbability")
        }
        guard abs(values.reduce(0, +) - 1) < 1e-6 else {
            throw ModelRefusal(.failedTrial, "errors.models.noSum")
        }
    }
}
