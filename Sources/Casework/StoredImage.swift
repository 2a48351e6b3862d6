import Crypto
import Formats
import Imaging
import Offloading

/// A sent image, checked and written anew for the archive.
///
/// What is stored is made of the picture alone: no metadata, no thumbnail, no second file hidden behind the first, the
/// orientation and the colour profile applied. Up to `losslessPixels` it is a PNG, so that the stored image is pixel for
/// pixel what was sent and a later screening, by this model or the next, sees what the sender saw. A PNG of a photograph
/// takes about two bytes a pixel, so one of a 12-megapixel telephone would be 25 MB. Of a JPEG file that is to be kept as it
/// is (`JPEGPicture`) the same coefficients are written anew, without loss; any other becomes a JPEG of quality 95, whose
/// loss, at most a few grey levels a pixel, averages out in the reduction that the network looks at.
struct StoredImage: Sendable {
    /// Images of more pixels are stored as JPEG.
    static let losslessPixels = 4_200_000
    /// libjpeg's scale.
    static let jpegQuality = 95
    /// zlib's effort: half the time of the usual 6 for files some hundredths larger.
    static let pngLevel = 3

    /// The file for the archive.
    let bytes: [UInt8]
    /// `png` or `jpg`.
    let fileExtension: String
    /// Pixels, after orientation.
    let width: Int
    /// Pixels, after orientation.
    let height: Int
    /// SHA-256 of the file as it was sent, 64 lower-case hexadecimal digits.
    let sentSHA256: String
    /// SHA-256 of `bytes`, as `sentSHA256`.
    let storedSHA256: String
    /// What `bytes` hold, pixel for pixel; nil for a JPEG.
    let decoded: DecodedImage?
    /// What the libraries remarked on the file while they decoded it.
    private(set) var remarks: [String] = []

    /// - Parameters:
    ///   - sent: The file as it was sent; its type is told by its content.
    ///   - limits: What is refused before it is decoded.
    /// - Throws: `ImagingError`.
    init(_ sent: [UInt8], limits: ImageLimits) throws {
        let header = try ImageDecoder.inspect(sent)
        if header.width * header.height > Self.losslessPixels, let picture = try JPEGPicture(of: sent, limits: limits) {
            (bytes, width, height) = (picture.bytes, picture.width, picture.height)
            (fileExtension, decoded) = ("jpg", nil)
        } else {
            let decoded = try ImageDecoder.decodeWithHeader(sent, limits: limits)
            let image = decoded.image
            (width, height) = (image.width, image.height)
            if width * height <= Self.losslessPixels {
                bytes = try ImageEncoder.png(image, level: Self.pngLevel)
                (fileExtension, self.decoded) = ("png", decoded)
            } else {
                bytes = try ImageEncoder.jpeg(image, quality: Self.jpegQuality)
                (fileExtension, self.decoded) = ("jpg", nil)
            }
        }
        sentSHA256 = SHA256.hash(data: sent).hexadecimal
        storedSHA256 = SHA256.hash(data: bytes).hexadecimal
    }

    /// Decodes and encodes off the cooperative pool, when there is room for the pixels.
    /// - Throws: `ImagingError`; `CancellationError`.
    static func made(of sent: [UInt8], limits: ImageLimits) async throws -> StoredImage {
        let offloading = Offloading.process
        let cost = try await offloading.compute {
            try max(ImageDecoder.cost(of: sent, limits: limits), JPEGPicture.cost(of: sent, limits: limits))
        }
        return try await offloading.holding(decodedBytes: cost) {
            try await offloading.compute {
                var (stored, remarks) = try DecoderRemarks.keeping { try StoredImage(sent, limits: limits) }
                stored.remarks = remarks
                return stored
            }
        }
    }
}
