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
    /// How many images said what, and the rule.
    public var counts: [String] = []
    public var readingsTitle = ""
    public var readings: [Reading] = []
    public var imagesTitle = ""
    /// Each image with what is said of it.
    public var images: [(name: String, line: String)] = []
    /// The line for images that the page has no room for, with `{count}`.
    public var moreImages = ""
    public var notDiagnosis = ""
    public var footer = ""
    public var created = Date()

    /// Images that are listed.
    private static let maximumImages = 24
    private static let margin = 46.0

    public init() {}

    /// The page, off the cooperative pool. Where the words are many, the letters become smaller.
    ///
    /// - Returns: A PDF file.
    /// - Throws: `ScreeningReportError.drawing`.
    public func pdf() async throws -> [UInt8] {
        try await Offloading.process.compute {
            let page = try PDFPage(title: "\(kind) · \(title)", created: created)
            let room = PDFPage.size.height - 2 * Self.margin
            let scale = stride(from: 1.0, through: 0.4, by: -0.05).first { lay(on: page, $0, isDrawn: false) <= room }
            _ = lay(on: page, scale ?? 0.4, isDrawn: true)
            return try page.finish()
        }
    }

    /// Lays everything under each other.
    ///
    /// - Returns: The height, in points.
    private func lay(on page: PDFPage, _ scale: Double, isDrawn: Bool) -> Double {
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
        for count in counts { text("• \(count)", 9.5) }
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
        y += 8 * scale
        text(notDiagnosis, 10.5, bold: true)
        text(footer, 8.5, colour: .muted)
        return y - Self.margin
    }
}
