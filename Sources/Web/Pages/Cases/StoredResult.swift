import Clinic
import Findings
import Foundation
import Wording

/// What the page of a stored screening has beyond the answer: its case, its neighbours, its pictures by address, and
/// what doctors read in it.
struct StoredResult: Sendable {
    /// The case it is in; nil for a clinician, who sees nothing of it.
    let place: Place?
    /// Where a clinician reads it; nil for everybody else.
    let readAddress: String?
    /// Where its owner shares it; nil for everybody else.
    let shareAddress: String?
    let readings: [ReadingView]
    let imageTitle: String
    let time: PageTime
    /// The pages of the images before and after it in the case.
    let previousImage: String?
    let nextImage: String?
    let resultTab: String
    let analyticsTab: String
    let isAnalytics: Bool
    /// The image with the outlines of the cells.
    let cells: String
    /// The gallery of the cells that were read.
    let cellsTab: String
    /// The stored image itself.
    let full: String
    /// Its pixels.
    let fullWidth: Int
    let fullHeight: Int
    let fullPixels: String

    /// The case of a screening.
    struct Place: Sendable {
        let caseTitle: String
        let caseAddress: String
    }

    /// - Parameters:
    ///   - found: The image with its screening.
    ///   - contents: The case; nil for somebody who may not see it.
    ///   - isAnalytics: Whether the second tab is open.
    ///   - text: The words.
    init(_ found: ReadableScreening, in contents: CaseContents?, isAnalytics: Bool, text: TextCatalogue) {
        let id = found.screening.id
        let address = "/screenings/\(id)"
        place = contents.map {
            Place(caseTitle: $0.smearCase.title, caseAddress: "/cases/\($0.smearCase.id)")
        }
        readAddress = contents == nil ? "/readings/\(id)" : nil
        shareAddress = found.isOwner ? "/sharing?screening=\(id)" : nil
        readings = found.readings.map { ReadingView($0, text: text) }
        imageTitle =
            contents.map {
                text(
                    "cases.imageOf",
                    ["number": String(found.image.number), "count": String($0.entries.last?.image.number ?? 1)])
            } ?? text("readings.sharedScreening")
        time = PageTime(found.image.createdAt)
        let done = contents?.entries.filter { $0.screening.state == .done } ?? []
        let index = done.firstIndex { $0.screening.id == id } ?? 0
        previousImage = index > 0 ? "/screenings/\(done[index - 1].screening.id)" : nil
        nextImage = index + 1 < done.count ? "/screenings/\(done[index + 1].screening.id)" : nil
        resultTab = address
        analyticsTab = "\(address)?tab=analytics"
        self.isAnalytics = isAnalytics
        cells = PictureKind.cells.address(of: id)
        cellsTab = "\(address)/cells"
        full = PictureKind.original.address(of: id)
        (fullWidth, fullHeight) = (found.image.width, found.image.height)
        fullPixels = text("result.pixels", ["width": String(fullWidth), "height": String(fullHeight)])
    }
}
