/// How a file becomes what one network sees: the one way for training, storing and serving.
///
/// A photograph is decoded once, at the smallest of 1, 1/2, 1/4 and 1/8 of its size that people still want to look at;
/// from there it is reduced by area to the smallest of these that leaves both sides at least `minimumSide`, and the
/// steps of the pipeline begin with that. A JPEG and the lossless copy of its pixels that a case keeps go the same way
/// from the same pixels, so both get one answer.
public struct ImageSight: Sendable, Equatable {
    /// Photographs whose sides are above this are decoded no smaller, in pixels. A file of so few pixels that it is
    /// stored losslessly (4.2 million, hence with a side of at most 2049) is therefore decoded at its full size.
    public static let pictureSide = 1024

    public let pipeline: PreprocessingPipeline
    /// The least side that reduction leaves a photograph before the pipeline's first step, in pixels.
    public let minimumSide: Int
    /// What is refused before it is decoded.
    public var limits: ImageLimits

    /// - Parameters:
    ///   - pipeline: The steps of the network.
    ///   - minimumSide: As in `model.json`; nil for the longer side of the network's input.
    ///   - limits: What is refused before it is decoded.
    public init(pipeline: PreprocessingPipeline, minimumSide: Int? = nil, limits: ImageLimits = .default) {
        self.pipeline = pipeline
        self.minimumSide = minimumSide ?? max(pipeline.outputWidth, pipeline.outputHeight)
        self.limits = limits
    }

    /// The least side at which a file is decoded.
    private var decodingSide: Int { max(minimumSide, Self.pictureSide + 1) }

    /// The bytes of memory that `decode(_:)` takes at its height, told by the header.
    /// - Throws: `ImagingError` for a file that is refused.
    public func decodingCost(of bytes: [UInt8]) throws -> Int {
        try ImageDecoder.cost(of: bytes, limits: limits, minimumSide: decodingSide)
    }

    /// The bytes of the picture that `decode(_:)` gives, told by the header.
    /// - Throws: `ImagingError` for a file that is none.
    public func pictureBytes(of bytes: [UInt8]) throws -> Int {
        let header = try ImageDecoder.inspect(bytes)
        let reduction = ImageDecoder.reduction(of: header, to: decodingSide)
        return (header.width + reduction - 1) / reduction * ((header.height + reduction - 1) / reduction) * 3
    }

    /// From a file to the picture that everything else is made of.
    /// - Throws: `ImagingError`.
    public func decode(_ bytes: [UInt8]) throws -> DecodedImage {
        try ImageDecoder.decodeWithHeader(bytes, limits: limits, minimumSide: decodingSide)
    }

    /// The picture as the pipeline's first step is given it.
    /// - Parameter decoded: The image decoded by `decode(_:)`, or at full size by `ImageDecoder`.
    /// - Throws: `ImagingError` `processingFailed`.
    public func photograph(_ decoded: DecodedImage) throws -> RGBImage {
        let reduction = ImageDecoder.reduction(of: decoded.header, to: minimumSide)
        let width = (decoded.originalWidth + reduction - 1) / reduction
        let height = (decoded.originalHeight + reduction - 1) / reduction
        return decoded.image.width <= width && decoded.image.height <= height
            ? decoded.image : try decoded.image.reduced(width: width, height: height)
    }

    /// Looks at a picture: runs every step once.
    ///
    /// Of a photograph through an eyepiece it looks at the field in the bright circle (`Eyepiece`).
    /// - Throws: `ImagingError` `invalidParameter` or `processingFailed`.
    public func see(_ decoded: DecodedImage) throws -> SeenImage {
        guard let eyepiece = try Eyepiece.find(in: decoded.image) else {
            return SeenImage(
                decoded, view: decoded.image, stages: try pipeline.stages(of: photograph(decoded)), pipeline: pipeline)
        }
        let view = decoded.showing(try eyepiece.view(of: decoded.image))
        return SeenImage(
            decoded.showing(try eyepiece.picture(of: decoded.image)), view: view.image,
            stages: try pipeline.stages(of: photograph(view)), pipeline: pipeline)
    }

    /// Looks at one field of a picture: runs every step once.
    /// - Parameters:
    ///   - field: Cut from `SeenImage.view`.
    ///   - seen: The picture.
    /// - Throws: `ImagingError` `invalidParameter` or `processingFailed`.
    public func see(_ field: RGBImage, of seen: SeenImage) throws -> SeenImage {
        SeenImage(seen.decoded, view: field, stages: try pipeline.stages(of: field), pipeline: pipeline)
    }

    /// Decodes a file and looks at it.
    /// - Throws: `ImagingError`.
    public func see(_ bytes: [UInt8]) throws -> SeenImage { try see(decode(bytes)) }
}

/// A photograph as one network sees it, and all that led there; made by `ImageSight`.
public struct SeenImage: Sendable {
    /// The picture for people, upright and in sRGB, with what the file says of itself.
    public let decoded: DecodedImage
    /// What the network is to look at, before any step and at the size of the picture: the picture itself, but for what lies
    /// outside the circle of an eyepiece; or one field of it.
    public let view: RGBImage
    /// The photograph that the first step was given, then what every step but `normalize` made of it.
    private let stages: [RGBImage]
    private let pipeline: PreprocessingPipeline

    init(_ decoded: DecodedImage, view: RGBImage, stages: [RGBImage], pipeline: PreprocessingPipeline) {
        (self.decoded, self.view, self.stages, self.pipeline) = (decoded, view, stages, pipeline)
    }

    /// What the network sees, before `normalize`; quality and appearance are measured on it, so that limits do not depend
    /// on the camera's resolution.
    public var input: RGBImage { stages[stages.count - 1] }

    /// The network's input, `[3, height, width]`, red first.
    public func tensor() -> [Float] { pipeline.normalized(input) }

    /// The picture before the first step and after each one.
    public func trace() -> [PreprocessingPicture] { pipeline.trace(of: stages) }
}
