import Clinic
import Foundation
import Imaging
import Screening

/// The pictures of a result: embedded in the page (`data:` addresses, RFC 2397) where the server keeps none, else by
/// their addresses.
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

    /// The pictures of a stored screening.
    ///
    /// - Parameters:
    ///   - id: The screening.
    ///   - outcome: What it found.
    init(of id: ScreeningID, outcome: ScreeningOutcome) {
        let folder = "/screenings/\(id)/pictures"
        image = "\(folder)/display.jpg"
        heatMap = outcome.decision == Decision.rejected.rawValue ? nil : "\(folder)/overlay.png"
        (width, height) = Self.size(outcome)
    }

    /// Pixels of the display picture, 1024 by 1024 where the stored analytics do not tell.
    private static func size(_ outcome: ScreeningOutcome) -> (Int, Int) {
        do {
            let analytics = try JSONDecoder().decode(
                ScreeningAnalytics.self, from: Data(outcome.analyticsJSON.utf8))
            return (analytics.displayWidth, analytics.displayHeight)
        } catch {
            return (Screener.displaySide, Screener.displaySide)
        }
    }

    private static func address(of jpeg: [UInt8]) -> String {
        "data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())"
    }
}
