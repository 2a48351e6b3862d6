import Crypto
import Findings
import Imaging
import Packaging

/// An image file, decoded, measured and turned into the network's input.
struct PreparedImage: Sendable {
    /// Pixels of the file, after its orientation.
    let width: Int
    let height: Int
    let sha256: String
    /// What the image looks like as the network sees it; nil where the package does not ask.
    let appearance: ImageAppearance?
    /// Measured on the image as the network sees it, so that the limits do not depend on the camera's resolution.
    let quality: ImageQuality
    /// `[3, height, width]` of the network's input.
    let tensor: [Float]
    let decode: Duration
    let preprocess: Duration

    init(_ bytes: [UInt8], package: ModelPackage, limits: ImageLimits) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let decoded = try ImageDecoder.decodeWithHeader(
            bytes, limits: limits, minimumSide: Self.decodingSide(package))
        let middle = clock.now
        let seen = try package.pipeline.image(from: decoded.image)
        quality = ImageQuality.assess(seen)
        appearance = package.appearance == nil ? nil : try ImageAppearance.measure(seen)
        tensor = package.pipeline.normalized(seen)
        preprocess = clock.now - middle
        decode = middle - start
        width = decoded.originalWidth
        height = decoded.originalHeight
        sha256 = SHA256.hash(data: bytes).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}

extension PreparedImage {
    /// The least side, in pixels, at which a photograph is decoded before preprocessing reduces it further.
    static func decodingSide(_ package: ModelPackage) -> Int {
        max(package.description.input.width, package.description.input.height)
    }
}

extension Duration {
    /// Rounded to a hundredth.
    var milliseconds: Double {
        ((self / .milliseconds(1)) * 100).rounded() / 100
    }
}
