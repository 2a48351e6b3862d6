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
        image = pictures.address(of: "display.jpg")
        // As a lossless file it would be most of the page's weight.
        heatMap = try pictures["overlay.png"].map { overlay in
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
        let folder = "/screenings/\(id)/pictures"
        image = "\(folder)/display.jpg"
        heatMap = outcome.decision == .rejected ? nil : "\(folder)/overlay.png"
        (width, height) = DisplayImage.size(outcome.image.width, outcome.image.height, side: Screener.displaySide)
    }
}
