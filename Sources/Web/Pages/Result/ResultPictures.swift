import Foundation
import Imaging
import Screening

/// The pictures of a result, embedded in the page (`data:` addresses, RFC 2397), so that the server keeps none.
struct ResultPictures: Sendable {
    /// The image as it was screened, at display size.
    let image: String
    /// The heat map over the image; nil where no class may be shown.
    let heatMap: String?
    let width: Int
    let height: Int

    /// The share of the heat map in its picture; the page's slider goes from none of it to all of this.
    private static let heatMapOpacity = 0.65

    /// - Parameter explanation: The screening with its activation map.
    /// - Throws: `ImagingError` when a picture cannot be made.
    init(_ explanation: ScreeningExplanation) throws {
        let picture = explanation.image
        width = picture.width
        height = picture.height
        image = Self.address(of: try ImageEncoder.jpeg(picture, quality: 88))
        guard explanation.result.decision != .rejected else {
            heatMap = nil
            return
        }
        let overlay = try HeatmapOverlay.render(
            map: explanation.map, mapWidth: explanation.mapWidth, mapHeight: explanation.mapHeight, over: picture,
            opacity: Self.heatMapOpacity)
        heatMap = Self.address(of: try ImageEncoder.jpeg(overlay, quality: 85))
    }

    private static func address(of jpeg: [UInt8]) -> String {
        "data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())"
    }
}
