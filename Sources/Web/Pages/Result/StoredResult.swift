import Clinic
import Foundation

/// What the page of a stored screening has beyond the answer: its case, its neighbours, its pictures by address.
struct StoredResult: Sendable {
    let caseTitle: String
    let caseAddress: String
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
    /// The stored image itself.
    let full: String
    let fullPixels: String

    /// - Parameters:
    ///   - entry: The image with its screening.
    ///   - contents: The case.
    ///   - isAnalytics: Whether the second tab is open.
    ///   - text: The words.
    init(_ entry: CaseContents.Entry, in contents: CaseContents, isAnalytics: Bool, text: TextCatalogue) {
        let address = "/screenings/\(entry.screening.id)"
        caseTitle = contents.smearCase.title
        caseAddress = "/cases/\(contents.smearCase.id)"
        imageTitle = text(
            "cases.imageOf",
            ["number": String(entry.image.number), "count": String(contents.entries.last?.image.number ?? 1)])
        time = PageTime(entry.image.createdAt)
        let done = contents.entries.filter { $0.screening.state == .done }
        let place = done.firstIndex { $0.screening.id == entry.screening.id } ?? 0
        previousImage = place > 0 ? "/screenings/\(done[place - 1].screening.id)" : nil
        nextImage = place + 1 < done.count ? "/screenings/\(done[place + 1].screening.id)" : nil
        resultTab = address
        analyticsTab = "\(address)?tab=analytics"
        self.isAnalytics = isAnalytics
        cells = "\(address)/pictures/cells.jpg"
        full = "\(address)/pictures/original"
        fullPixels = text(
            "result.pixels", ["width": String(entry.image.width), "height": String(entry.image.height)])
    }
}
