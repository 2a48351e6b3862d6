import Foundation
import Screening
import Synchronization

/// The figures of the model that answers now, read once for each that takes over.
final class LearnFigures: Sendable {
    private struct Read {
        /// Whose figures they are; by identity, and held weakly, so that a model that was replaced is freed.
        weak var screener: Screener?
        var table: FiguresTable?
    }

    private let models: ModelShelf
    private let text: TextCatalogue
    private let last: Mutex<Read>

    /// - Throws: `WebError.resource` when the first model's figures are there and cannot be understood.
    init(models: ModelShelf, text: TextCatalogue) throws {
        self.models = models
        self.text = text
        let screener = models.active
        last = Mutex(Read(screener: screener, table: try Self.table(of: screener, text: text)))
    }

    /// The table; nil where the model's package says nothing of its quality.
    var table: FiguresTable? {
        let screener = models.active
        return last.withLock { last in
            if last.screener !== screener {
                // What an installed package says was read before it was taken; should it not be readable now, none is shown.
                last = Read(screener: screener, table: (try? Self.table(of: screener, text: text)) ?? nil)
            }
            return last.table
        }
    }

    private static func table(of screener: Screener, text: TextCatalogue) throws -> FiguresTable? {
        let file = screener.package.metricsURL
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        do {
            return FiguresTable(try PublishedFigures(json: Data(contentsOf: file)), text: text)
        } catch let error as WebError {
            throw error
        } catch {
            throw WebError(.resource, "metrics.json of the model package cannot be read: \(error)")
        }
    }
}
