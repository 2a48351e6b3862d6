import Imaging

/// A picture of a report, small enough to be sent.
public struct ReportPicture: Sendable {
    /// A baseline JPEG file.
    let jpeg: [UInt8]
    /// Pixels.
    let width: Int
    /// Pixels.
    let height: Int

    /// Height over width.
    var aspect: Double { Double(height) / Double(width) }

    /// - Parameter file: An image file of this server, such as `display.jpg` or `overlay.png`.
    /// - Throws: `ImagingError` for a file that is no image.
    public init(_ file: [UInt8]) throws {
        let image = try ImageDecoder.decode(file)
        jpeg = try ImageEncoder.jpeg(image, quality: 88)
        width = image.width
        height = image.height
    }
}
