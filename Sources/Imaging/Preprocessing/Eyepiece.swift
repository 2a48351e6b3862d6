import CVision
import Findings

/// The bright circle that a telephone held to the eyepiece of a microscope sees on black.
public struct Eyepiece: Sendable, Equatable {
    /// In pixels from the upper left corner of the image.
    public let centerX: Double
    public let centerY: Double
    /// In pixels.
    public let radius: Double

    /// The rim is soft, and no part of the field.
    private static let rim = 0.985

    /// Looks for the circle in a photograph.
    /// - Returns: Nil for an image with light corners, or whose bright part is no circle, as that of any photograph
    ///   taken with a camera of its own.
    /// - Throws: `ImagingError` `processingFailed`.
    public static func find(in image: RGBImage) throws -> Eyepiece? {
        var (circle, isFound) = (CVCircle(), Int32(0))
        try image.read { cv_eyepiece_find($0, $1, $2, &circle, &isFound, $3) }
        guard isFound != 0 else { return nil }
        return Eyepiece(centerX: circle.centerX, centerY: circle.centerY, radius: circle.radius)
    }

    /// The field as people look at it: the square round the circle, its light even and its background white, which is
    /// also what lies outside the circle.
    /// - Parameter image: The photograph that the circle was found in.
    /// - Throws: `ImagingError` `processingFailed`.
    public func picture(of image: RGBImage) throws -> RGBImage { try opened(image, isMirrored: false) }

    /// The field as the network looks at it: as `picture(of:)`, with what lies inside the circle mirrored to its outside,
    /// since a network that knows fields that go on beyond the picture takes white corners for something new.
    /// - Parameter image: The photograph that the circle was found in.
    /// - Throws: `ImagingError` `processingFailed`.
    public func view(of image: RGBImage) throws -> RGBImage { try opened(image, isMirrored: true) }

    private func opened(_ image: RGBImage, isMirrored: Bool) throws -> RGBImage {
        let reach = radius * Self.rim
        let (left, top) = (max(0, Int(centerX - reach)), max(0, Int(centerY - reach)))
        let (right, bottom) = (min(image.width, Int(centerX + reach)), min(image.height, Int(centerY + reach)))
        guard right > left, bottom > top else { throw ImagingError(.invalidParameter, "the circle leaves the image") }
        var circle = CVCircle(centerX: centerX, centerY: centerY, radius: radius)
        return try image.mapped(width: right - left, height: bottom - top) {
            cv_eyepiece_open(
                $0, $1, $2, &circle, Int32(left), Int32(top), isMirrored ? 1 : 0, $3, Int32(right - left),
                Int32(bottom - top), $4)
        }
    }
}

extension DecodedImage {
    /// The same file with the field in the circle of an eyepiece in place of the whole picture.
    func showing(_ part: RGBImage) -> DecodedImage {
        let reduction = max(1, Int((Double(originalWidth) / Double(image.width)).rounded()))
        return DecodedImage(
            image: part,
            header: header.cropped(width: part.width * reduction, height: part.height * reduction, note: .eyepiece))
    }
}
