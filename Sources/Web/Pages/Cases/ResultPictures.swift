import Clinic
import Findings
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

    /// - Parameter pictures: The pictures of a screening that is not kept.
    /// - Throws: `ImagingError` when a picture cannot be made.
    init(_ pictures: ScreeningPictures) throws {
        width = pictures.analytics.displayWidth
        height = pictures.analytics.displayHeight
        image = pictures.address(of: PictureKind.display.name)
        // As a lossless file it would be most of the page's weight.
        heatMap = try pictures[PictureKind.overlay.name].map { overlay in
            PictureAddress.embedded(try ImageEncoder.jpeg(ImageDecoder.decode(overlay, limits: Self.own), quality: 85))
        }
    }

    /// A picture of our own may be as small as an image's aspect ratio makes it.
    private static let own = ImageLimits(maximumPixels: Screener.displaySide * Screener.displaySide, minimumSide: 1)

    /// The pictures of a stored screening.
    ///
    /// - Parameters:
    ///   - id: The screening.
    ///   - outcome: What it found.
    init(of id: ScreeningID, outcome: ScreeningOutcome) {
        image = PictureKind.display.address(of: id)
        heatMap = outcome.decision == Decision.rejected.rawValue ? nil : PictureKind.overlay.address(of: id)
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
}
