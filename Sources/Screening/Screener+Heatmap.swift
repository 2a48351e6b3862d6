import Imaging

extension Screener {
    /// Draws where the evidence lies over the image.
    /// - Parameters:
    ///   - explanation: what `explain` answered.
    ///   - opacity: 0 shows the image alone, 1 the map alone.
    /// - Returns: a PNG file of the size of `explanation.image`.
    /// - Throws: `ImagingError`; `CancellationError`.
    public func heatmap(of explanation: ScreeningExplanation, opacity: Double = 0.5) async throws -> [UInt8] {
        try await work.run {
            try ImageEncoder.png(
                HeatmapOverlay.render(
                    map: explanation.map, mapWidth: explanation.mapWidth, mapHeight: explanation.mapHeight,
                    over: explanation.image, opacity: opacity))
        }
    }
}
