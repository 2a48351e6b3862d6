import Foundation
import Offloading

extension ScreeningReport {
    /// The report on one page of A4.
    ///
    /// Where the words are many, as some languages need, the pictures and then the letters become smaller.
    ///
    /// - Parameters:
    ///   - picture: The image as it was screened.
    ///   - heatMap: The class-activation map over it; left out of the page of a rejected image, which shows no class.
    /// - Returns: A PDF file.
    /// - Throws: `ScreeningReportError.drawing`.
    public func pdf(picture: ReportPicture, heatMap: ReportPicture?) throws -> [UInt8] {
        let page = try PDFPage(title: "\(words.labels.title) · \(title)", created: finishedAt)
        let pictures =
            [(picture, words.labels.image)] + (isRejected ? [] : heatMap.map { [($0, words.labels.heatMap)] } ?? [])
        var layout = ReportLayout(page: page, report: self, pictures: pictures)
        for scale in stride(from: 1.0, through: 0.55, by: -0.05) {
            layout.scale = scale
            if layout.fits { break }
        }
        layout.draw()
        return try page.finish()
    }

    /// As above from the pictures' files, off the cooperative pool: laying out text takes some tens of milliseconds.
    ///
    /// - Parameters:
    ///   - picture: The file of the image as it was screened.
    ///   - heatMap: The file of the heat map over it; nil for a rejected image.
    /// - Throws: `ImagingError` for a file that is no image, `ScreeningReportError.drawing`.
    public func pdf(picture: [UInt8], heatMap: [UInt8]?) async throws -> [UInt8] {
        try await Offloading.process.compute {
            try pdf(picture: ReportPicture(picture), heatMap: heatMap.map { try ReportPicture($0) })
        }
    }
}
