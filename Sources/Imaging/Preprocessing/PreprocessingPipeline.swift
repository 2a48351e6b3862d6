import CVision
import Findings

/// The steps between a decoded photograph and the network, as a model package declares them; training and serving
/// run this same code. In JSON it is the array of its steps.
public struct PreprocessingPipeline: Sendable, Equatable {
    public let steps: [PreprocessingStep]
    /// Size of the network's input, set by the last resize, in pixels.
    public let outputWidth: Int
    public let outputHeight: Int
    private let normalization: NormalizationValues

    /// Red, green and blue of the ImageNet training images, as torchvision documents them.
    public static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
    public static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]

    /// - Throws: `ImagingError` `invalidParameter` unless every parameter is in range, there is a resize, and
    ///   `normalize` comes at most once, as the last step. Without it tensors are scaled to 0 to 1.
    public init(steps: [PreprocessingStep]) throws {
        try steps.forEach { try $0.validate() }
        guard !steps.dropLast().contains(where: { $0.kind == .normalize }) else {
            throw ImagingError(.invalidParameter, "normalize must be the last step of preprocessing")
        }
        let sizes = steps.compactMap { step -> (Int, Int)? in
            if case .resize(let width, let height) = step { (width, height) } else { nil }
        }
        guard let size = sizes.last else { throw ImagingError(.invalidParameter, "preprocessing needs a resize step") }
        self.steps = steps
        (outputWidth, outputHeight) = size
        if case .normalize(let mean, let deviation) = steps.last {
            normalization = NormalizationValues(mean: mean, deviation: deviation)
        } else {
            normalization = NormalizationValues(mean: [0, 0, 0], deviation: [1, 1, 1])
        }
    }

    /// The corner of the scale bar masked, resized to a square, scaled as ImageNet.
    ///
    /// The masked square of 16 % of each side covers every style of bar in the training data (at most 34 of 224 pixels);
    /// its colour is ImageNet's mean, which the network sees as zero.
    /// - Parameter side: Width and height of the network's input, in pixels; a precondition is 1 to 8192.
    public static func standard(side: Int = 224) -> PreprocessingPipeline {
        precondition((1...8192).contains(side), "a side of \(side) pixels is impossible")
        return PreprocessingPipeline(standardSide: side)
    }

    private init(standardSide side: Int) {
        steps = [
            .maskCorner(widthFraction: 0.16, heightFraction: 0.16, red: 124, green: 116, blue: 104),
            .resize(width: side, height: side),
            .normalize(mean: Self.imageNetMean, deviation: Self.imageNetDeviation),
        ]
        (outputWidth, outputHeight) = (side, side)
        normalization = NormalizationValues(mean: Self.imageNetMean, deviation: Self.imageNetDeviation)
    }

    /// Runs every step but `normalize`.
    /// - Returns: RGB, `[outputHeight, outputWidth, 3]`.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
    public func image(from image: RGBImage) throws -> RGBImage {
        try steps.reduce(image) { try $1.apply(to: $0) }
    }

    /// Runs all steps; in a single native call where there is nothing but mask, resize and normalise.
    /// - Returns: `[3, outputHeight, outputWidth]`, red first, scaled as the last step says.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
    public func tensor(from image: RGBImage) throws -> [Float] {
        guard let mask = fusedMask else { return normalized(try self.image(from: image)) }
        let count = 3 * outputWidth * outputHeight
        return try [Float](unsafeUninitializedCapacity: count) { output, initialized in
            try image.read { pixels, width, height, error in
                withUnsafePointer(to: mask) { mask in
                    withUnsafePointer(to: normalization.native) {
                        cv_preprocess(
                            pixels, width, height, mask, Int32(outputWidth), Int32(outputHeight), $0,
                            output.baseAddress, error)
                    }
                }
            }
            initialized = count
        }
    }

    /// The `normalize` step alone, for an image that went through the others.
    /// - Returns: `[3, height, width]` of `image`, red first.
    public func normalized(_ image: RGBImage) -> [Float] {
        [Float](unsafeUninitializedCapacity: image.pixels.count) { output, initialized in
            normalize(image, into: output)
            initialized = image.pixels.count
        }
    }

    /// As `normalized(_:)`, into memory of the caller, such as one row of a training batch.
    /// - Precondition: `output` has room for `3 * width * height` numbers.
    public func normalize(_ image: RGBImage, into output: UnsafeMutableBufferPointer<Float>) {
        precondition(output.count >= image.pixels.count, "\(output.count) floats are too few for the image")
        image.pixels.withUnsafeBufferPointer { pixels in
            withUnsafePointer(to: normalization.native) {
                cv_normalize(pixels.baseAddress, Int32(image.width), Int32(image.height), $0, output.baseAddress)
            }
        }
    }

    /// The mask of a mask, resize, normalise pipeline; nil when the steps are others.
    private var fusedMask: CVCornerMask? {
        guard steps.map(\.kind) == [.maskCorner, .resize, .normalize] else { return nil }
        return steps[0].cornerMask
    }
}

extension PreprocessingPipeline: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(steps: decoder.singleValueContainer().decode([PreprocessingStep].self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(steps)
    }
}

/// Mean and deviation of the last step, which the initialisers have checked to be three numbers each.
private struct NormalizationValues: Sendable, Equatable {
    let mean: [Float]
    let deviation: [Float]

    var native: CVNormalization {
        CVNormalization(
            mean: (mean[0], mean[1], mean[2]), deviation: (deviation[0], deviation[1], deviation[2]))
    }
}

/// The image after one step, for people who want to see what the network is given.
public struct PreprocessingPicture: Sendable, Equatable {
    /// `original`, or the step's name in `model.json`.
    public let name: String
    /// The step's parameters in English, such as `224 × 224 pixels`; empty for the original.
    public let parameters: String
    /// The same, to be told in the reader's language; nil for the original.
    public let told: Message?
    public let image: RGBImage
}

extension PreprocessingPipeline {
    /// The picture before the first step and after each one.
    ///
    /// Normalised values are shown from -2.5 (black) to 2.5 (white).
    /// - Throws: As `image(from:)`.
    public func trace(_ image: RGBImage) throws -> [PreprocessingPicture] { trace(of: try stages(of: image)) }

    /// The image, then what every step but `normalize` made of it.
    /// - Throws: As `image(from:)`.
    func stages(of image: RGBImage) throws -> [RGBImage] {
        try steps.filter { $0.kind != .normalize }
            .reduce(into: [image]) { images, step in images.append(try step.apply(to: images[images.count - 1])) }
    }

    func trace(of stages: [RGBImage]) -> [PreprocessingPicture] {
        let shown = stages.dropFirst() + stages.suffix(1).map(displayed)
        return [PreprocessingPicture(name: "original", parameters: "", told: nil, image: stages[0])]
            + zip(steps, shown).map {
                PreprocessingPicture(name: $0.name, parameters: $0.parametersInWords, told: $0.told, image: $1)
            }
    }

    private func displayed(_ image: RGBImage) -> RGBImage {
        let values = normalized(image)
        let plane = image.width * image.height
        var pixels = [UInt8](repeating: 0, count: plane * 3)
        for channel in 0..<3 {
            for pixel in 0..<plane {
                let value = (values[channel * plane + pixel] + 2.5) / 5 * 255
                pixels[pixel * 3 + channel] = UInt8(min(max(value.rounded(), 0), 255))
            }
        }
        return RGBImage(width: image.width, height: image.height, pixels: pixels)
    }
}
