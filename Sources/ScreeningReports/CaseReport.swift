import Foundation
import Offloading

/// What a case comes to, on one page of paper. Everything in it is words of the reader's language.
public struct CaseReport: Sendable {
    /// A doctor's signed reading of the whole case.
    public struct Reading: Sendable {
        public var headline: String
        /// Who signed, and when.
        public var signature: String
        /// What else is told of it: the comment, images that differ, that it was settled.
        public var lines: [String]

        public init(headline: String, signature: String, lines: [String]) {
            (self.headline, self.signature, self.lines) = (headline, signature, lines)
        }
    }

    public var title = ""
    /// Of which kind of document it is.
    public var kind = ""
    /// Under the title.
    public var facts: [String] = []
    /// Of the person whose sample it is.
    public var person: [(name: String, value: String)] = []
    /// Whose word the headline is.
    public var source = ""
    public var headline = ""
    public var advice = ""
    /// What the network alone says, where a doctor's reading leads.
    public var network: String?
    /// How many images said what, the rule, and how often that is right.
    public var counts: [String] = []
    /// The differential count in sentences; none without cells.
    public var cells: [String] = []
    public var readingsTitle = ""
    public var readings: [Reading] = []
    public var imagesTitle = ""
    /// Each image with what is said of it.
    public var images: [(name: String, line: String)] = []
    /// Small pictures, files of this server, each with the number of its image.
    public var pictures: [(number: String, file: [UInt8])] = []
    /// The line for images that the page has no room for, with `{count}`.
    public var moreImages = ""
    public var notDiagnosis = ""
    public var footer = ""
    public var created = Date()

    /// Images that are listed, and shown.
    public static let maximumImages = 24
    /// Pictures beside each other.
    private static let columns = 8
    private static let margin = 46.0

    public init() {}

    /// The page, off the cooperative pool. Where the words are many, the letters become smaller.
    ///
    /// - Returns: A PDF file.
    /// - Throws: `ScreeningReportError.drawing`; `ImagingError` for a picture that is none.
    public func pdf() async throws -> [UInt8] {
        try await Offloading.process.compute {
            let shown = try pictures.map { (number: $0.number, picture: try ReportPicture($0.file)) }
            let page = try PDFPage(title: "\(kind) · \(title)", created: created)
            let room = PDFPage.size.height - 2 * Self.margin
            let scale = stride(from: 1.0, through: 0.4, by: -0.05).first {
                lay(shown, on: page, $0, isDrawn: false) <= room
            }
            _ = lay(shown, on: page, scale ?? 0.4, isDrawn: true)
            return try page.finish()
        }
    }

    /// Lays everything under each other.
    ///
    /// - Returns: The height, in points.
    private func lay(
        _ shown: [(number: String, picture: ReportPicture)], on page: PDFPage, _ scale: Double, isDrawn: Bool
    ) -> Double {
        let width = PDFPage.size.width - 2 * Self.margin
        var y = Self.margin
        func text(
            _ text: String, _ size: Double, bold: Bool = false, colour: PDFPage.Colour = .ink, lines: Int = 0,
            space: Double = 2
        ) {
            guard !text.isEmpty else { return }
            let style = PDFPage.TextStyle(size: size * scale, isBold: bold, colour: colour, maximumLines: lines)
            y +=
                isDrawn
                ? page.draw(text, style, x: Self.margin, y: y, width: width) : page.height(text, style, width: width)
            y += space * scale
        }
        text("Leukoscope · \(kind)", 9.5, bold: true, colour: .accent)
        text(title, 19, bold: true, lines: 2)
        text(facts.joined(separator: "  ·  "), 9, colour: .muted)
        text(person.map { "\($0.name): \($0.value)" }.joined(separator: "  ·  "), 10, space: 12)
        text(source, 9, bold: true, colour: .muted)
        text(headline, 18, bold: true, colour: .accent)
        text(advice, 11, space: 6)
        if let network { text(network, 10, colour: .muted) }
        for count in counts + cells { text("• \(count)", 9.5) }
        if !readings.isEmpty {
            y += 8 * scale
            text(readingsTitle, 10.5, bold: true)
            for reading in readings {
                text(reading.headline, 13, bold: true)
                text(reading.signature, 9)
                for line in reading.lines { text(line, 9.5, lines: 8) }
                y += 4 * scale
            }
        }
        y += 8 * scale
        text(imagesTitle, 10.5, bold: true)
        for image in images.prefix(Self.maximumImages) { text("\(image.name): \(image.line)", 9) }
        if images.count > Self.maximumImages {
            text(moreImages.replacing("{count}", with: String(images.count - Self.maximumImages)), 9, colour: .muted)
        }
        if !shown.isEmpty { y += 4 * scale + rows(of: shown, on: page, from: y + 4 * scale, scale, isDrawn: isDrawn) }
        y += 8 * scale
        text(notDiagnosis, 10.5, bold: true)
        text(footer, 8.5, colour: .muted)
        return y - Self.margin
    }

    /// Lays the pictures beside each other, each with its number under it.
    ///
    /// - Returns: The height, in points.
    private func rows(
        of shown: [(number: String, picture: ReportPicture)], on page: PDFPage, from top: Double, _ scale: Double,
        isDrawn: Bool
    ) -> Double {
        let column = (PDFPage.size.width - 2 * Self.margin) / Double(Self.columns)
        // As the letters shrink, so do the pictures.
        let width = (column - 4) * scale
        let style = PDFPage.TextStyle(size: 8 * scale, colour: .muted)
        var y = top
        for start in stride(from: 0, to: shown.count, by: Self.columns) {
            let row = shown[start..<min(shown.count, start + Self.columns)]
            let height = row.map { width * $0.picture.aspect }.max() ?? 0
            var letters = 0.0
            for (place, one) in row.enumerated() {
                let x = Self.margin + Double(place) * column
                if isDrawn {
                    page.draw(one.picture, x: x, y: y, width: width)
                    letters = max(letters, page.draw(one.number, style, x: x, y: y + height + 1, width: width))
                } else {
                    letters = max(letters, page.height(one.number, style, width: width))
                }
            }
            y += height + letters + 4 * scale
        }
        return y - top
    }
}
