/// The image after one step, for people who want to see what the network is given.
public struct PreprocessingPicture: Sendable, Equatable {
    /// `original`, or the step's name in `model.json`.
    public let name: String
    /// The step's parameters in words, such as `224 × 224 pixels`; empty for the original.
    public let parameters: String
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
        return [PreprocessingPicture(name: "original", parameters: "", image: stages[0])]
            + zip(steps, shown).map { PreprocessingPicture(name: $0.name, parameters: $0.parametersInWords, image: $1) }
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
