import Foundation
import Imaging
import Randomness

/// Measures estimates of scale against boxes that people drew, over runs of one microscope, and on drawn smears.
public struct ScaleTrial: Sendable {
    /// Correlation of two miniatures, in the best of eight orientations, above which they show one picture.
    public static let likeness: Float = 0.9
    /// Factors that images are resized by, evenly spread over the logarithm.
    public static let factors = 0.2...1.5

    private struct Case {
        let set: String
        let image: BoxedImage
        let truth: Double
        let factor: Double
        let isHeldOut: Bool
        let estimate: ScaleEstimate
    }

    private let folder: URL
    private let seed: UInt64
    private let progress: Dataset.Progress

    /// - Parameters:
    ///   - folder: Holds `bccd`, `txl` and `all-taleqani` with its tables of series and runs; the last may be missing.
    ///   - seed: Of the factors.
    ///   - progress: Called with the images done and all of them, anew for each part of the work.
    public init(folder: URL, seed: UInt64 = 7, progress: @escaping Dataset.Progress = { _, _ in }) {
        (self.folder, self.seed, self.progress) = (folder, seed, progress)
    }

    /// - Throws: `DatasetError` or `ImagingError`.
    public func run() throws -> ScaleTrialResults {
        let fields = try BoxedImage.voc(folder: folder.appending(path: "bccd")).map { (set: "bccd", image: $0) }
        let others = try BoxedImage.yolo(
            folder: folder.appending(path: "txl"), kinds: [.whiteCell, .redCell, .platelet]
        ).map { (set: $0.width == 416 ? "txl fields" : "txl single cells", image: $0) }
        let (cases, copies) = try measured(fields + others, originals: fields.count)
        let heldOut = cases.filter(\.isHeldOut)
        return ScaleTrialResults(
            seed: seed, boxPerEdge: RedCell.boxPerEdge, copiesRemoved: copies, sets: Self.sets(of: cases),
            heldOut: Self.figures(heldOut), ranges: Self.ranges(of: heldOut), failures: Self.failures(of: heldOut),
            pooled: try pooled(heldOut), series: try ScaleSeries(folder: folder, progress: progress).measure(),
            drawn: try Self.drawn())
    }

    /// Leaves copies out, cuts the rest into halves by groups of likeness, and measures.
    private func measured(
        _ images: [(set: String, image: BoxedImage)], originals: Int
    ) throws -> ([Case], copies: Int) {
        let pictures = try images.map { try Self.decode($0.image.file) }
        let similarities = try pictures.map { try ImageSimilarity(of: $0) }
        var groups = DisjointSets(count: images.count), last = Array(images.indices), copies: Set<Int> = []
        for later in images.indices {
            for earlier in 0..<later
            where similarities[earlier].correlation(with: similarities[later]) > Self.likeness {
                groups.unite(earlier, later)
                if earlier < originals, later >= originals { copies.insert(later) }
            }
        }
        for index in images.indices { last[groups.representative(of: index)] = index }
        var random = SplitMix64(seed: seed), cases: [Case] = []
        for (index, image) in images.enumerated() {
            let (low, high) = (log(Self.factors.lowerBound), log(Self.factors.upperBound))
            let factor = exp(low + random.nextUnit() * (high - low))
            progress(index + 1, images.count)
            guard let truth = image.image.redCellPixels, !copies.contains(index) else { continue }
            // Knuth's multiplicative hash of the group's last image: the halves that limits were chosen on and not.
            let hash = UInt32(truncatingIfNeeded: last[groups.representative(of: index)]) &* 2_654_435_761
            cases.append(
                Case(
                    set: image.set, image: image.image, truth: truth * factor, factor: factor,
                    isHeldOut: hash >= 1 << 31, estimate: try Self.estimate(pictures[index], factor: factor)))
        }
        return (cases, copies.count)
    }

    static func decode(_ file: URL) throws -> RGBImage {
        do {
            return try ImageDecoder.decode([UInt8](Data(contentsOf: file)))
        } catch let error as CocoaError {
            throw DatasetError(.unreadable, error.localizedDescription, path: file.path)
        }
    }

    private static func estimate(_ image: RGBImage, factor: Double) throws -> ScaleEstimate {
        let width = Int((Double(image.width) * factor).rounded())
        let height = Int((Double(image.height) * factor).rounded())
        return try ScaleEstimate.measure(image.resized(width: width, height: height))
    }

    private static func figures(_ cases: [Case]) -> ScaleFigures {
        ScaleFigures(cases.map { ($0.estimate.redCellPixels, $0.truth) })
    }

    private static func sets(of cases: [Case]) -> [ScaleTrialResults.BoxedSet] {
        ["bccd", "txl fields", "txl single cells"].flatMap { set in
            let own = cases.filter { $0.set == set }
            let constant = ScaleFigures.median(own.filter { !$0.isHeldOut }.map(\.truth))
            return [false, true].map { isHeldOut in
                let part = own.filter { $0.isHeldOut == isHeldOut }
                func alone(_ reading: (ScaleEstimate) -> ScaleReading) -> ScaleFigures {
                    ScaleFigures(
                        part.map { (reading($0.estimate).edgePixels.map { $0 * RedCell.boxPerEdge }, $0.truth) })
                }
                return ScaleTrialResults.BoxedSet(
                    set: set, part: isHeldOut ? "held out" : "chosen", figures: figures(part),
                    outlines: alone(\.outlines), discs: alone(\.discs),
                    constant: ScaleFigures(part.map { (constant, $0.truth) }),
                    refusals: Dictionary(grouping: part.compactMap(\.estimate.refusal?.kind), by: \.self)
                        .mapValues(\.count))
            }
        }
    }

    private static func ranges(of cases: [Case]) -> [ScaleTrialResults.Range] {
        zip([0.2, 0.3, 0.5, 0.8], [0.3, 0.5, 0.8, 1.5]).map { from, to in
            ScaleTrialResults.Range(
                from: from, to: to, figures: figures(cases.filter { $0.factor >= from && $0.factor < to }))
        }
    }

    private static func failures(of cases: [Case]) -> [ScaleTrialResults.Failure] {
        cases.compactMap { one in
            guard let estimate = one.estimate.redCellPixels, abs(estimate / one.truth - 1) > 0.15 else { return nil }
            func box(_ reading: ScaleReading) -> Double { (reading.edgePixels ?? 0) * RedCell.boxPerEdge }
            return ScaleTrialResults.Failure(
                set: one.set, file: one.image.file.lastPathComponent, factor: one.factor, truth: one.truth,
                outlines: box(one.estimate.outlines), discs: box(one.estimate.discs))
        }
    }

    /// Eight images of a set resized by one factor, as one device would give them.
    private func pooled(_ cases: [Case]) throws -> [ScaleTrialResults.Pooled] {
        let each = 8
        return try ["bccd", "txl single cells"].map { set in
            var random = SplitMix64(seed: seed, 2)
            let size = set == "bccd" ? (640, 480) : (360, 363)
            let own = cases.filter { $0.set == set && ($0.image.width, $0.image.height) == size }
            let pairs = try (0..<20).map { _ -> (Double?, Double) in
                let chosen = (0..<each).map { _ in own[random.next(below: own.count)] }
                let (low, high) = (log(Self.factors.lowerBound), log(Self.factors.upperBound))
                let factor = exp(low + random.nextUnit() * (high - low))
                let estimates = try chosen.map { try Self.estimate(Self.decode($0.image.file), factor: factor) }
                let truths = chosen.map { $0.truth / $0.factor * factor }
                return (try PooledScale.pool(estimates)?.redCellPixels, ScaleFigures.median(truths) ?? 0)
            }
            return ScaleTrialResults.Pooled(set: set, imagesEach: each, figures: ScaleFigures(pairs))
        }
    }

    /// Drawn smears, from edge to edge against what was drawn.
    private static func drawn() throws -> [ScaleTrialResults.Drawn] {
        try [0.8, 1, 1.2].flatMap { scale in
            try [160, 224, 448].map { side in
                let pairs = try (0..<80).compactMap { number -> (Double?, Double)? in
                    let (image, truth) = try DrawnSmear.drawMeasured(
                        class: number % 4, seed: UInt64(100 + number / 4), side: side, redCellScale: scale)
                    guard let truth else { return nil }
                    return (try ScaleEstimate.measure(image).edgePixels, truth)
                }
                return ScaleTrialResults.Drawn(redCellScale: scale, side: side, figures: ScaleFigures(pairs))
            }
        }
    }
}
