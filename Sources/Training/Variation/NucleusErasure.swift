import Imaging
import Randomness

/// Paints over what a smear is to be judged by, so that a network reads cells and not what lies around them.
///
/// An image without its nuclei tells no class, whatever its plasma, red cells and light look like; the same image with the
/// same shapes painted beside the nuclei does, so that paint alone tells nothing.
package struct NucleusErasure: Sendable {
    /// Shapes on an image, `[height, width]`.
    private struct Shapes: Sendable {
        let nuclei: [Bool]
        let other: [Bool]
    }

    let probability: Double
    private let shapes: [Int: Shapes]

    /// Images without nuclei, or full of them, are never painted.
    package init(probability: Double, nuclei: TrainingNuclei) throws {
        self.probability = probability
        let images = nuclei.images
        let found = try AuditImages.concurrently(images) { index in
            nuclei[index].flatMap { mask in
                PaintedNuclei.other(mask, width: nuclei.width, height: nuclei.height).map {
                    Shapes(nuclei: mask, other: $0)
                }
            }
        }
        shapes = Dictionary(
            uniqueKeysWithValues: zip(images, found).compactMap { index, shapes in
                shapes.map { (index, $0) }
            })
    }

    /// The image and its label as they are, the image without nuclei and no label, or without as much beside them;
    /// decided by the generator.
    package func apply(
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
