import Imaging

/// The picture that people see beside the answer.
enum DisplayImage {
    /// The image itself, or reduced so that its longer side is `side` pixels.
    static func fit(_ image: RGBImage, side: Int) throws -> RGBImage {
        let longer = max(image.width, image.height)
        guard longer > side else { return image }
        let width = max(1, image.width * side / longer)
        let height = max(1, image.height * side / longer)
        // A pipeline always ends in normalize; image(from:) leaves that step out.
        let steps: [PreprocessingStep] = [
            .resize(width: width, height: height), .normalize(mean: [0, 0, 0], deviation: [1, 1, 1]),
        ]
        return try PreprocessingPipeline(steps: steps).image(from: image)
    }
}
