import Evaluation
import Findings
import Foundation
import Imaging

/// A page about one model on one set of labelled images: figures with intervals, charts, and the worst mistakes as
/// pictures. It needs no script, no network and no server.
public struct EvaluationReport: Sendable {
    /// A class as people read it.
    public struct ClassName: Sendable, Equatable {
        public let key: String
        public let displayName: String

        public init(key: String, displayName: String) {
            self.key = key
            self.displayName = displayName
        }
    }

    /// A wrong answer with the picture that caused it.
    public struct Mistake: Sendable {
        public let prediction: LabelledPrediction
        public let image: RGBImage
        /// Where the network looked, the same field of view as `image`.
        public let heatmap: RGBImage?

        public init(prediction: LabelledPrediction, image: RGBImage, heatmap: RGBImage? = nil) {
            (self.prediction, self.image, self.heatmap) = (prediction, image, heatmap)
        }
    }

    /// A file that could not be measured.
    public struct ExcludedFile: Sendable, Equatable {
        public let path: String
        public let reason: String

        public init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// Name and version of the model.
    public let model: String
    /// The command that made the report, as typed.
    public let command: String
    /// Where the images came from.
    public let data: String
    /// In the order of the probabilities.
    public let classes: [ClassName]
    public let predictions: [LabelledPrediction]
    public let metrics: ClassificationMetrics
    /// In the order shown.
    public let mistakes: [Mistake]
    public let excluded: [ExcludedFile]
    /// Shown prominently, for example that the model was trained on drawn images.
    public let notice: String?

    public init(
        model: String, command: String, data: String, classes: [ClassName],
        predictions: [LabelledPrediction], metrics: ClassificationMetrics, mistakes: [Mistake] = [],
        excluded: [ExcludedFile] = [], notice: String? = nil
    ) {
        (self.model, self.command, self.data) = (model, command, data)
        (self.classes, self.predictions, self.metrics) = (classes, predictions, metrics)
        (self.mistakes, self.excluded, self.notice) = (mistakes, excluded, notice)
    }

    /// The wrong answers that matter most: missed malignancies first, then by how little the true class was believed.
    ///
    /// - Returns: At most `limit` of `predictions`.
    public static func worst(
        of predictions: [LabelledPrediction], limit: Int = 24
    ) -> [LabelledPrediction] {
        func missed(_ prediction: LabelledPrediction) -> Bool { !SmearClass.isMalignant(prediction.predicted) }
        let wrong = predictions.filter { $0.predicted != $0.label }
        let sorted = wrong.sorted { first, second in
            if missed(first) != missed(second) { return missed(first) }
            let (left, right) = (first.probabilities[first.label], second.probabilities[second.label])
            return left != right ? left < right : first.id < second.id
        }
        return Array(sorted.prefix(limit))
    }

    /// Writes `index.html` and the pictures beside it, and creates `folder` when it is missing.
    ///
    /// - Throws: `ReportError` when a file cannot be written or the figures do not belong together.
    public func write(to folder: URL) throws {
        guard metrics.confusion.count == classes.count,
            predictions.allSatisfy({ $0.probabilities.count == classes.count })
        else {
            throw ReportError(
                code: .inconsistent,
                message: "\(classes.count) classes, but figures for \(metrics.confusion.count) or other predictions")
        }
        let page = try html()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ReportError(
                code: .notWritable, message: "the report's folder cannot be created", path: folder.path,
                underlying: error)
        }
        for (index, mistake) in mistakes.enumerated() {
            try write(mistake.image, to: folder.appendingPathComponent(Self.pictureName(index, heatmap: false)))
            if let heatmap = mistake.heatmap {
                try write(heatmap, to: folder.appendingPathComponent(Self.pictureName(index, heatmap: true)))
            }
        }
        // The page goes last: when it is there, its pictures are too.
        try write(Data(page.utf8), to: folder.appendingPathComponent("index.html"))
    }

    /// File name of the picture of mistake `index`, counted from 0. Never made from the image's own name.
    static func pictureName(_ index: Int, heatmap: Bool) -> String {
        "mistake-\(index + 1)\(heatmap ? "-heatmap" : "").jpg"
    }

    private func write(_ image: RGBImage, to url: URL) throws {
        let bytes: [UInt8]
        do {
            bytes = try ImageEncoder.jpeg(image, quality: 90)
        } catch {
            throw ReportError(
                code: .picture, message: "a picture cannot be encoded", path: url.path, underlying: error)
        }
        try write(Data(bytes), to: url)
    }

    private func write(_ data: Data, to url: URL) throws {
        do {
            try data.write(to: url, options: .atomic)
        } catch {
            throw ReportError(
                code: .notWritable, message: "a file of the report cannot be written", path: url.path,
                underlying: error)
        }
    }

    /// One column on a phone, several on a desk; light and dark; prints without cutting a figure in two.
    static let styleSheet = """
        :root { color-scheme: light dark; --ink: #1d2630; --quiet: #56606b; --page: #ffffff; --card: #f5f7f9;
          --line: #d8dde3; --accent: #0b5cad }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #a5afb9; --page: #0d1117;
          --card: #161b22; --line: #30363d; --accent: #6cb6ff } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
          font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif }
        main { max-width: 76rem; margin: 0 auto; padding: 1rem }
        h1 { font-size: 1.6rem; overflow-wrap: anywhere }
        h2 { margin-top: 2.2rem; font-size: 1.25rem }
        .notice { border-left: 4px solid var(--accent); background: var(--card); padding: .75rem 1rem }
        .quiet, small, caption { color: var(--quiet); font-size: .85rem }
        .cards, .charts, .mistakes { display: grid; gap: 1rem }
        .cards { grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)) }
        .charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)) }
        .mistakes { grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }
        .card, article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
          padding: .9rem 1rem; break-inside: avoid }
        .card h3 { margin: 0; font-size: .95rem; font-weight: 600 }
        .card p, article p { margin: .25rem 0; overflow-wrap: anywhere }
        .figure { font-size: 1.9rem; font-weight: 650; font-variant-numeric: tabular-nums }
        figure { margin: 0; break-inside: avoid }
        .scroll { overflow-x: auto }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums }
        caption { text-align: left; padding-bottom: .4rem }
        th, td { border: 1px solid var(--line); padding: .4rem .7rem; text-align: right }
        th[scope=row], th[scope=col]:first-child { text-align: left }
        td small { display: block; color: inherit }
        .pictures { display: flex; gap: .5rem }
        .pictures img { flex: 1 1 0; min-width: 0; max-width: 100%; height: auto; object-fit: contain }
        code { overflow-wrap: anywhere }
        dt { font-weight: 600 } dd { margin: 0 0 .6rem }
        @media print { body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact }
          main { max-width: none; padding: 0 } }
        """
}
