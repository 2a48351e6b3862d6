import Dispatch
import Imaging
import Randomness
import Synchronization

/// Paints over what a smear is to be judged by, so that a network reads cells and not what lies around them.
///
/// An image without its nuclei tells no class, whatever its plasma, red cells and light look like; the same image with the
/// same shapes painted beside the nuclei does, so that paint alone tells nothing.
public struct NucleusErasure: Sendable {
    /// Shapes on an image, `[height, width]`.
    private struct Shapes: Sendable {
        let nuclei: [Bool]
        let other: [Bool]
    }

    let probability: Double
    private let shapes: [Int: Shapes]

    /// Finds the nuclei of the images that are trained on; images without any, or full of them, are never painted.
    /// - Throws: ``TrainingError`` naming an unreadable file.
    public init(probability: Double, cache: ImageCache, training: [Int]) throws {
        self.probability = probability
        let found = try AuditImages.concurrently(training) { index in
            let image = try cache.image(index)
            let nuclei = try CellSegmentation.find(in: image).nucleusMask(width: image.width, height: image.height)
            guard nuclei.contains(true) else { return Shapes?.none }
            return PaintedNuclei.other(nuclei, width: image.width, height: image.height).map {
                Shapes(nuclei: nuclei, other: $0)
            }
        }
        shapes = Dictionary(
            uniqueKeysWithValues: zip(training, found).compactMap { index, shapes in
                shapes.map { (index, $0) }
            })
    }

    /// The image and its label as they are, the image without nuclei and no label, or without as much beside them;
    /// decided by the generator.
    public func apply(
        to image: RGBImage, of label: Int64, _ index: Int, using generator: inout SplitMix64
    ) throws -> (RGBImage, Int64) {
        let lot = generator.nextUnit()
        guard lot < 2 * probability, let shapes = shapes[index] else { return (image, label) }
        let isOther = lot >= probability
        let painted = try PaintedNuclei.painted(
            image, isOther ? shapes.other : shapes.nuclei, outside: shapes.nuclei)
        return (painted, isOther ? label : Batch.noClass)
    }
}
