import Imaging
import Packaging
import Randomness

/// The images that show whether two networks are the same: always the same ones for a package.
///
/// Eight are drawn smears, two of each class, as the network would see them. The others are squares of random colours, from one
/// that fills the image to single pixels, over all that preprocessing can give; so layers are asked at every scale.
package struct ProbeTensors: Sendable {
    package static let count = 32
    private static let drawn = 8
    private static let seed: UInt64 = 20_261_201

    private let package: ModelPackage

    /// - Parameter package: Whose preprocessing makes them.
    package init(_ package: ModelPackage) { self.package = package }

    /// - Parameter index: 0 up to `count`.
    /// - Returns: `[3, height, width]`, red first.
    /// - Throws: `ImagingError`.
    package func tensor(_ index: Int) throws -> [Float] {
        let pipeline = package.pipeline
        if index < Self.drawn {
            return try pipeline.tensor(
                from: DrawnSmear.draw(class: index % 4, seed: Self.seed + UInt64(index / 4), side: 448))
        }
        let (width, height) = (pipeline.outputWidth, pipeline.outputHeight)
        var random = SplitMix64(seed: Self.seed, UInt64(index))
        let side = max(1, max(width, height) >> (index - Self.drawn) % 9)
        let columns = (width + side - 1) / side
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        for top in stride(from: 0, to: height, by: side) {
            let colours = (0..<3 * columns).map { _ in UInt8(random.next(below: 256)) }
            for row in top..<min(height, top + side) {
                for column in 0..<width {
                    for channel in 0..<3 {
                        pixels[3 * (row * width + column) + channel] = colours[3 * (column / side) + channel]
                    }
                }
            }
        }
        return pipeline.normalized(RGBImage(width: width, height: height, pixels: pixels))
    }
}
