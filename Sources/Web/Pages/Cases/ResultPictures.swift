import Clinic
import Findings
import Foundation
import Screening

/// The pictures of a result: embedded in the page (`data:` addresses, RFC 2397) where the server keeps none, else by
/// their addresses.
struct ResultPictures: Sendable {
    /// The image as it was screened, at display size.
    let image: String
    /// The small map that the page lays over the image in colour; nil where no class may be shown.
    let heatMap: String?
    let width: Int
    let height: Int

    /// - Parameter pictures: The pictures of a screening that is not kept, made for showing.
    init(_ pictures: ScreeningPictures) {
        width = pictures.analytics.displayWidth
        height = pictures.analytics.displayHeight
        image = pictures.address(of: PictureKind.display.name)
        heatMap = pictures[PictureKind.map.name].map(PictureAddress.embedded)
    }

    /// The pictures of a stored screening.
    ///
    /// - Parameters:
    ///   - id: The screening.
    ///   - outcome: What it found.
    init(of id: ScreeningID, outcome: ScreeningOutcome) {
        image = PictureKind.display.address(of: id)
        heatMap = outcome.decision == .rejected ? nil : PictureKind.map.address(of: id)
        (width, height) = DisplayImage.size(outcome.image.width, outcome.image.height, side: Screener.displaySide)
    }
}
