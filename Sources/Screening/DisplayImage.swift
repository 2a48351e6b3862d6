import Imaging

/// The picture that people see beside the answer.
public enum DisplayImage {
    /// The size of the picture of an image, in pixels.
    public static func size(_ width: Int, _ height: Int, side: Int) -> (width: Int, height: Int) {
        let longer = max(width, height)
        return longer > side ? (max(1, width * side / longer), max(1, height * side / longer)) : (width, height)
    }

    /// The image itself, or reduced so that its longer side is `side` pixels.
    static func fit(_ image: RGBImage, side: Int) throws -> RGBImage {
        guard max(image.width, image.height) > side else { return image }
        let (width, height) = size(image.width, image.height, side: side)
        // A pipeline always ends in normalize; image(from:) leaves that step out.
        let steps: [PreprocessingStep] = [
            .resize(width: width, height: height), .normalize(mean: [0, 0, 0], deviation: [1, 1, 1]),
        ]
        return try PreprocessingPipeline(steps: steps).image(from: image)
    }
}
