import Foundation
import Packaging
import Screening
import Synchronization
import Wording

/// The figures of the model that answers now, read once for each that takes over.
final class LearnFigures: Sendable {
    /// What the pages show of one model.
    struct Shown: Sendable {
        let package: ModelDescription
        /// nil where the package says nothing of its quality.
        let table: FiguresTable?
        /// nil where the package has no figures at all.
        let quality: PublishedQuality?
    }

    private struct Read {
        /// Whose figures they are; by identity, and held weakly, so that a model that was replaced is freed.
        weak var screener: Screener?
        var shown: Shown
    }

    private let models: ModelShelf
    private let text: TextCatalogue
    private let last: Mutex<Read>

    /// - Throws: `WebError.resource` when the first model's figures are there and cannot be understood.
    init(models: ModelShelf, text: TextCatalogue) throws {
        self.models = models
        self.text = text
        let screener = models.active
        last = Mutex(Read(screener: screener, shown: try Self.read(screener, text: text)))
    }

    /// What is known of the model that answers now.
    var shown: Shown {
        let screener = models.active
        return last.withLock { last in
            if last.screener !== screener {
                // What an installed package says was read before it was taken; should it not be readable now, none is shown.
                let nothing = Shown(package: screener.package.description, table: nil, quality: nil)
                last = Read(screener: screener, shown: (try? Self.read(screener, text: text)) ?? nothing)
            }
            return last.shown
        }
    }

    /// The table; nil where the model's package says nothing of its quality.
    var table: FiguresTable? { shown.table }

    private static func read(_ screener: Screener, text: TextCatalogue) throws -> Shown {
        let package = screener.package
        guard FileManager.default.fileExists(atPath: package.metricsURL.path) else {
            return Shown(package: package.description, table: nil, quality: nil)
        }
        do {
            let json = try Data(contentsOf: package.metricsURL)
            return Shown(
                package: package.description, table: FiguresTable(try PublishedFigures(json: json), text: text),
                quality: try PublishedQuality(json: json))
        } catch let error as WebError {
            throw error
        } catch {
            throw WebError(.resource, fault: "metrics.json of the model package cannot be read: \(error)")
        }
    }
}
