import Evaluation
import Formats
import Foundation
import Imaging

/// Images that the model should not answer, under the name of their set.
public struct UnfamiliarImages: Sendable {
    public let name: String
    let cache: ImageCache

    /// Decodes and preprocesses all images below a folder, in the order of their paths.
    /// - Throws: `TrainingError` for a folder without images, or naming the first unreadable file.
    public init(name: String, folder: URL, configuration: TrainingConfiguration) throws {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let urls = (files?.compactMap { $0 as? URL } ?? [])
            .filter { ImageFormat.fileExtensions.contains($0.pathExtension.lowercased()) }
            .sorted { $0.path < $1.path }
        guard !urls.isEmpty else { throw TrainingError(.data, "\(folder.path) holds no images") }
        self.name = name
        cache = try ImageCache(
            urls: urls, preprocessing: configuration.preprocessing, megabytes: configuration.cacheMegabytes)
    }
}

/// Methods of novelty side by side: each fitted on a fold's training images, its threshold set without the test images,
/// and asked about the fold's test images and about unfamiliar ones.
public struct NoveltyComparison: Codable, Sendable {
    /// How a method did on one set of unfamiliar images.
    public struct Unfamiliar: Codable, Sendable {
        public let images: Int
        /// Test images against these.
        public let auroc: Double
        /// Share refused.
        public let refused: Double
        /// Share answered with one malignant class.
        public let confidentMalignancy: Double
    }

    /// How a method did on one fold.
    public struct Figures: Codable, Sendable {
        /// Share of the fold's test images that would be refused.
        public let testRefused: Double
        public let unfamiliar: [String: Unfamiliar]
    }

    /// `[method][fold]`.
    public let folds: [String: [Figures]]
    /// The mean over the folds, `[method]`.
    public let mean: [String: Figures]
    /// In each figure the worst fold, `[method]`.
    public let worst: [String: Figures]

    /// - Parameter folds: One or more folds, each by method.
    public init(folds: [[NoveltyMethod: Figures]]) {
        var all: [String: [Figures]] = [:]
        for method in NoveltyMethod.allCases { all[method.rawValue] = folds.compactMap { $0[method] } }
        self.folds = all
        mean = all.mapValues { figures in
            Self.merge(figures) { values, _ in values.reduce(0, +) / Double(max(1, values.count)) }
        }
        worst = all.mapValues { figures in
            Self.merge(figures) { values, isBetterHigh in (isBetterHigh ? values.min() : values.max()) ?? 0 }
        }
    }

    private static func merge(_ figures: [Figures], by rule: ([Double], _ isBetterHigh: Bool) -> Double) -> Figures {
        let names = figures.first.map { Array($0.unfamiliar.keys) } ?? []
        let sets = names.map { name in
            let parts = figures.compactMap { $0.unfamiliar[name] }
            return (
                name,
                Unfamiliar(
                    images: parts.first?.images ?? 0, auroc: rule(parts.map(\.auroc), true),
                    refused: rule(parts.map(\.refused), true),
                    confidentMalignancy: rule(parts.map(\.confidentMalignancy), false))
            )
        }
        return Figures(
            testRefused: rule(figures.map(\.testRefused), false),
            unfamiliar: Dictionary(sets, uniquingKeysWith: { first, _ in first }))
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    /// The means over the folds with the worst fold behind them, one row a method.
    public var markdown: String {
        let sets = (mean.first?.value.unfamiliar.keys).map { $0.sorted() } ?? []
        var lines = [
            "| method | test images refused | " + sets.map { "\($0): AUROC, malignant" }.joined(separator: " | ") + " |"
        ]
        lines.append("|---|---|" + String(repeating: "---|", count: sets.count))
        for method in NoveltyMethod.allCases {
            guard let mean = mean[method.rawValue], let worst = worst[method.rawValue] else { continue }
            let cells = sets.map { name -> String in
                guard let one = mean.unfamiliar[name], let other = worst.unfamiliar[name] else { return "–" }
                return String(
                    format: "%.4f (%.4f), %.1f %% (%.1f %%)", one.auroc, other.auroc, 100 * one.confidentMalignancy,
                    100 * other.confidentMalignancy)
            }
            let refused = String(format: "%.1f %% (%.1f %%)", 100 * mean.testRefused, 100 * worst.testRefused)
            lines.append("| \(method.rawValue) | \(refused) | " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
