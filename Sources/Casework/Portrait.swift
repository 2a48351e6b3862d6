import Imaging
import Offloading

/// A doctor's portrait, made of the pixels of a sent image alone.
struct Portrait: Sendable {
    /// Pixels a side at most.
    static let side = 512
    /// libjpeg's scale.
    static let quality = 88

    /// A square JPEG file.
    let jpeg: [UInt8]

    /// - Parameters:
    ///   - sent: The file as it was sent; its type is told by its content.
    ///   - limits: What is refused before it is decoded.
    /// - Throws: `ImagingError`.
    init(_ sent: [UInt8], limits: ImageLimits) throws {
        let image = try ImageDecoder.decode(sent, limits: limits, minimumSide: Self.side)
        let square = Self.middle(of: image)
        let side = min(square.width, Self.side)
        let small = side == square.width ? square : try square.resized(width: side, height: side)
        jpeg = try ImageEncoder.jpeg(small, quality: Self.quality)
    }

    /// As `StoredImage.made`.
    /// - Throws: `ImagingError`; `CancellationError`.
    static func made(of sent: [UInt8], limits: ImageLimits) async throws -> Portrait {
        let offloading = Offloading.process
        let cost = try await offloading.compute {
            try ImageDecoder.cost(of: sent, limits: limits, minimumSide: Self.side)
        }
        return try await offloading.holding(decodedBytes: cost) {
            try await offloading.compute { try Portrait(sent, limits: limits) }
        }
    }

    /// The largest square in the middle of the width; of an upright picture the upper part, where the face is.
    private static func middle(of image: RGBImage) -> RGBImage {
        let side = min(image.width, image.height)
        let left = (image.width - side) / 2
        let top = (image.height - side) / 4
        var pixels: [UInt8] = []
        pixels.reserveCapacity(side * side * 3)
        for row in top..<top + side {
            let start = (row * image.width + left) * 3
            pixels.append(contentsOf: image.pixels[start..<start + side * 3])
        }
        return RGBImage(width: side, height: side, pixels: pixels)
    }
}
