import Imaging

/// Where the nuclei lie in the images that are trained on.
package struct TrainingNuclei: Sendable {
    private let masks: [Int: [Bool]]
    let width: Int
    let height: Int

    /// Finds them in the images as the cache gives them.
    /// - Throws: `TrainingError` naming an unreadable file.
    package init(cache: ImageCache, training: [Int]) throws {
        (width, height) = (cache.preprocessing.outputWidth, cache.preprocessing.outputHeight)
        let found = try AuditImages.concurrently(training) { index in
            let image = try cache.image(index)
            return try CellSegmentation.find(in: image).nucleusMask(width: image.width, height: image.height)
        }
        masks = Dictionary(uniqueKeysWithValues: zip(training, found).filter { $0.1.contains(true) })
    }

    /// The images in which nuclei were found, ascending.
    var images: [Int] { masks.keys.sorted() }

    /// `[height, width]`, or nil where no nucleus was found.
    subscript(index: Int) -> [Bool]? { masks[index] }

    /// The mask moved as an augmentation moves the image: `[height, width]`, 0 to 1, all 0 where no nucleus was found.
    func places(_ index: Int, movedBy augmentation: Augmentation, seed: UInt64) throws -> [Float] {
        guard let mask = masks[index] else { return [Float](repeating: 0, count: width * height) }
        return try Self.moved(mask, width: width, height: height, by: augmentation, seed: seed)
    }

    package static func moved(
        _ mask: [Bool], width: Int, height: Int, by augmentation: Augmentation, seed: UInt64
    ) throws -> [Float] {
        let picture = RGBImage(
            width: width, height: height, pixels: mask.flatMap { [UInt8](repeating: $0 ? 255 : 0, count: 3) })
        let moved = try Augmentation(geometry: augmentation.geometry).apply(to: picture, seed: seed)
        return stride(from: 0, to: moved.pixels.count, by: 3).map { Float(moved.pixels[$0]) / 255 }
    }
}
