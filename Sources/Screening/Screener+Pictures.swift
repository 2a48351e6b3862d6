import Imaging

extension Screener {
    /// The longest side of a thumbnail, of the picture of a step and of the heat map, in pixels.
    public static let thumbnailSide = 192
    public static let stepSide = 512
    public static let heatMapSide = 512

    /// Screens one image and makes the pictures that show how the answer came about.
    ///
    /// For a rejected image no heat map is made, since it would tell a class.
    /// - Parameter bytes: a JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: as `screen(_:)`.
    public func pictures(_ bytes: [UInt8]) async throws -> (result: ScreeningResult, pictures: ScreeningPictures) {
        let explanation = try await explain(bytes)
        let pictures = try await work.run {
            var album = PictureAlbum(explanation)
            try album.addImage()
            if explanation.result.decision != .rejected { try album.addHeatMap() }
            try album.addSteps()
            return album.pictures
        }
        return (explanation.result, pictures)
    }
}
