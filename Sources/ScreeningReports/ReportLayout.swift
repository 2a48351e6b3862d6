import CPage
import Clinic
import Findings
import Foundation

/// Puts the parts of a report under each other on one page.
///
/// The parts are laid out twice: once without drawing, to know what room is left for the pictures, and once with.
struct ReportLayout {
    let page: PDFPage
    let report: ScreeningReport
    let pictures: [(picture: ReportPicture, name: String)]
    /// Of the letters and the room between parts.
    var scale = 1.0

    private static let margin = 46.0
    private static let gap = 14.0
    /// Doctors' readings that the page has room for.
    private static let maximumReadings = 2
    /// The least and the greatest height of the pictures.
    private static let pictureHeights = 110.0...210.0
    private var width: Double { PDFPage.size.width - 2 * Self.margin }
    private var left: Double { Self.margin }

    /// Whether all fits the page with pictures of the least height.
    var fits: Bool { textHeight + Self.pictureHeights.lowerBound <= available }

    /// Draws the page.
    func draw() {
        var cursor = Cursor(page: page, y: Self.margin, isDrawn: true)
        head(&cursor)
        let room = min(Self.pictureHeights.upperBound, max(60, available - textHeight))
        drawPictures(at: cursor.y, height: room)
        cursor.y += room + captionHeight
        body(&cursor)
        drawFoot()
    }

    private var available: Double { PDFPage.size.height - 2 * Self.margin - footHeight }

    /// The height of everything but the pictures and the foot.
    private var textHeight: Double {
        var cursor = Cursor(page: page, y: 0, isDrawn: false)
        head(&cursor)
        body(&cursor)
        return cursor.y + captionHeight
    }

    private func style(_ size: Double, bold: Bool = false, colour: PDFPage.Colour = .ink, lines: Int = 0)
        -> PDFPage.TextStyle
    {
        PDFPage.TextStyle(size: size * scale, isBold: bold, colour: colour, maximumLines: lines)
    }

    private func head(_ cursor: inout Cursor) {
        let labels = report.words.labels
        cursor.text("Leukoscope · \(labels.title)", style(9.5, bold: true, colour: .accent), x: left, width: width)
        cursor.space(2 * scale)
        cursor.text(report.title, style(19, bold: true, lines: 2), x: left, width: width)
        cursor.space(3 * scale)
        let facts = [
            "\(labels.received) \(report.words.moment(report.image.createdAt))",
            "\(labels.screened) \(report.words.moment(report.finishedAt))", "\(labels.image) \(report.image.number)",
        ]
        cursor.text(facts.joined(separator: "  ·  "), style(9, colour: .muted), x: left, width: width)
        if !report.person.isEmpty {
            let person = report.person.map { "\($0.name): \($0.value)" }.joined(separator: "  ·  ")
            cursor.text(person, style(9), x: left, width: width)
        }
        cursor.space(10 * scale)
    }

    private var captionHeight: Double { 16 * scale + 10 * scale }

    private func drawPictures(at y: Double, height: Double) {
        let column = (width - Self.gap) / 2
        for (index, entry) in pictures.enumerated() {
            let drawn = min(column, height / entry.picture.aspect)
            let x = left + Double(index) * (column + Self.gap)
            page.draw(entry.picture, x: x, y: y, width: drawn)
            page.draw(entry.name, style(8.5, colour: .muted), x: x, y: y + height + 3, width: column)
        }
    }

    private func body(_ cursor: inout Cursor) {
        if !report.readings.isEmpty {
            cursor.text(report.words.labels.network, style(9, bold: true, colour: .muted), x: left, width: width)
            cursor.space(2 * scale)
        }
        verdict(&cursor)
        for reading in report.readings.prefix(Self.maximumReadings) { doctors(reading, &cursor) }
        if report.readings.count > Self.maximumReadings {
            let more = String(report.readings.count - Self.maximumReadings)
            let line = report.words.labels.moreReadings.replacing("{count}", with: more)
            cursor.text(line, style(9, colour: .muted), x: left, width: width)
        }
        if !report.words.bars.isEmpty {
            heading(report.words.labels.probabilities, &cursor)
            for bar in report.words.bars { row(bar, &cursor) }
        }
        if !report.words.cells.isEmpty {
            heading(report.words.labels.cells, &cursor)
            bullets(report.words.cells, &cursor)
        }
        heading(report.words.labels.reasons, &cursor)
        bullets([report.words.decision] + report.words.reasons, &cursor)
        heading(report.words.labels.meaning, &cursor)
        cursor.text(report.words.meaning, style(9.5), x: left, width: width)
        heading(report.words.labels.next, &cursor)
        bullets(report.words.next, &cursor)
        cursor.space(8 * scale)
        details(&cursor)
    }

    /// The verdict on a panel of its own.
    private func verdict(_ cursor: inout Cursor) {
        let inset = 12 * scale
        let inner = width - 2 * inset
        let headline = style(18, bold: true, colour: .accent)
        let height =
            page.height(report.words.headline, headline, width: inner)
            + page.height(report.words.subline, style(11), width: inner) + 1.5 * inset
        if cursor.isDrawn { page.fill(x: left, y: cursor.y, width: width, height: height, radius: 6, .panel) }
        let end = cursor.y + height
        cursor.space(inset * 0.7)
        cursor.text(report.words.headline, headline, x: left + inset, width: inner)
        cursor.text(report.words.subline, style(11), x: left + inset, width: inner)
        cursor.y = end
    }

    /// What a doctor signed, apart from the network's panel: under a rule, in ink, with a name.
    private func doctors(_ reading: ScreeningReport.DoctorsReading, _ cursor: inout Cursor) {
        let labels = report.words.labels
        cursor.space(7 * scale)
        cursor.text(labels.doctorsReading, style(9, bold: true, colour: .muted), x: left, width: width)
        if cursor.isDrawn { page.fill(x: left, y: cursor.y + 1, width: width, height: 0.75, .rule) }
        cursor.space(4 * scale)
        cursor.text(reading.headline, style(13, bold: true), x: left, width: width)
        let line = "\(reading.signature)  ·  \(labels.signed) \(report.words.moment(reading.signedAt))"
        cursor.text(line, style(9), x: left, width: width)
        cursor.text(reading.agreement, style(9, colour: .muted), x: left, width: width)
        if !reading.comment.isEmpty {
            cursor.space(2 * scale)
            // On one line of paragraphs, since pango counts the lines of each paragraph by itself.
            let comment = reading.comment.split(whereSeparator: \.isNewline).joined(separator: " ")
            cursor.text(comment, style(9.5, lines: 6), x: left, width: width)
        }
    }

    private func heading(_ text: String, _ cursor: inout Cursor) {
        cursor.space(9 * scale)
        cursor.text(text, style(10.5, bold: true), x: left, width: width)
        cursor.space(2 * scale)
    }

    private func row(_ bar: ScreeningReport.Bar, _ cursor: inout Cursor) {
        let name = 170.0
        let percent = 48.0
        let full = width - name - percent - 12
        let height = page.height(bar.name, style(9.5), width: name)
        if cursor.isDrawn {
            page.draw(bar.name, style(9.5), x: left, y: cursor.y, width: name)
            let middle = cursor.y + height / 2 - 3.5 * scale
            page.fill(x: left + name, y: middle, width: full, height: 7 * scale, radius: 3, .panel)
            let length = max(1.5, full * min(1, max(0, bar.share)))
            page.fill(x: left + name, y: middle, width: length, height: 7 * scale, radius: 3, .accent)
            var end = style(9.5, bold: true)
            end.alignment = CPAlignEnd
            page.draw(bar.percent, end, x: left + width - percent, y: cursor.y, width: percent)
        }
        cursor.space(height + 2 * scale)
    }

    private func bullets(_ lines: [String], _ cursor: inout Cursor) {
        let indent = 12 * scale
        for line in lines {
            if cursor.isDrawn { page.draw("•", style(9.5), x: left, y: cursor.y, width: indent) }
            cursor.text(line, style(9.5), x: left + indent, width: width - indent)
            cursor.space(1.5 * scale)
        }
    }

    private func details(_ cursor: inout Cursor) {
        let labels = report.words.labels
        let result = report.result
        let facts =
            [
                "\(labels.model) \(result.model.name) \(result.model.version)",
                labels.pixels.replacing("{width}", with: "\(result.image.width)")
                    .replacing("{height}", with: "\(result.image.height)"),
            ]
            + (report.smearCase.map { ["\(labels.caseNumber) \($0.id)"] } ?? []) + [
                "\(labels.screening) \(report.screeningID)", "\(labels.sentSHA256) \(report.image.sha256)",
                "\(labels.storedSHA256) \(result.image.sha256)",
            ]
        let lines =
            [facts.joined(separator: "  ·  ")] + (pictures.count > 1 ? [labels.heatHelp] : [])
            + (result.notice.map { [$0] } ?? [])
        for line in lines { cursor.text(line, style(8, colour: .muted), x: left, width: width) }
    }

    private var footHeight: Double {
        page.height(report.words.notDiagnosis, style(10.5, bold: true), width: width)
            + page.height(report.words.footer, style(8.5), width: width) + 16
    }

    private func drawFoot() {
        var cursor = Cursor(page: page, y: PDFPage.size.height - Self.margin - footHeight + 6, isDrawn: true)
        page.fill(x: left, y: cursor.y, width: width, height: 0.75, .rule)
        cursor.space(6)
        cursor.text(report.words.notDiagnosis, style(10.5, bold: true), x: left, width: width)
        cursor.text(report.words.footer, style(8.5, colour: .muted), x: left, width: width)
    }

    /// Where the next part begins.
    private struct Cursor {
        let page: PDFPage
        var y: Double
        let isDrawn: Bool

        mutating func space(_ height: Double) { y += height }

        mutating func text(_ text: String, _ style: PDFPage.TextStyle, x: Double, width: Double) {
            y +=
                isDrawn
                ? page.draw(text, style, x: x, y: y, width: width) : page.height(text, style, width: width)
        }
    }
}
