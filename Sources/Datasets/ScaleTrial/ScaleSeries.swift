import Foundation
import Imaging

/// Fields without boxes: an acquisition run has one scale, and its images have to agree on it.
struct ScaleSeries {
    let folder: URL
    let progress: Dataset.Progress

    /// - Returns: One a class, series and run of at least eight images, by name; none where the set is missing.
    /// - Throws: `DatasetError` or `ImagingError`.
    func measure() throws -> [ScaleTrialResults.Series] {
        let images = folder.appending(path: "all-taleqani")
        guard FileManager.default.fileExists(atPath: images.path) else { return [] }
        let series = try SampleFacts.table(folder.appending(path: "all-taleqani-series.tsv"))
        let runs = try SampleFacts.table(folder.appending(path: "all-taleqani-runs-draft.tsv"))
        var estimates: [String: [(whole: ScaleEstimate, quarter: ScaleEstimate)]] = [:]
        for (index, file) in series.keys.sorted().enumerated() {
            let name = [file.split(separator: "/").first.map(String.init), series[file], runs[file]].compactMap(\.self)
            // The files are squeezed from 299 by 224 pixels.
            let image = try PixelAspect.squeezedFourToThree.widened(
                ScaleTrial.decode(images.appending(path: file)))
            let quarter = Self.quarter(of: image, number: index % 4)
            estimates[name.joined(separator: " "), default: []].append(
                (try ScaleEstimate.measure(image), try ScaleEstimate.measure(quarter)))
            progress(index + 1, series.count)
        }
        return estimates.filter { $0.value.count >= 8 }.sorted { $0.key < $1.key }.map { name, run in
            Self.series(name, run)
        }
    }

    private static func series(
        _ name: String, _ run: [(whole: ScaleEstimate, quarter: ScaleEstimate)]
    ) -> ScaleTrialResults.Series {
        let edges = run.compactMap(\.whole.edgePixels)
        let usual = ScaleFigures.median(edges) ?? 0
        return ScaleTrialResults.Series(
            name: name, images: run.count, refused: 1 - Double(edges.count) / Double(run.count),
            edgePixels: [0.5, 0.05, 0.95].compactMap { ScaleFigures.quantile(edges, $0) },
            whole: ScaleFigures(run.map { ($0.whole.edgePixels, usual) }),
            quarter: ScaleFigures(run.map { ($0.quarter.edgePixels, usual) }))
    }

    /// A quarter of an image has as few red cells as a field of leukaemia.
    private static func quarter(of image: RGBImage, number: Int) -> RGBImage {
        let (width, height) = (image.width / 2, image.height / 2)
        let (left, top) = (number % 2 * width, number / 2 * height)
        let rows = (top..<(top + height)).map { row in
            image.pixels[((row * image.width + left) * 3)..<((row * image.width + left + width) * 3)]
        }
        return RGBImage(width: width, height: height, pixels: rows.flatMap { $0 })
    }
}
