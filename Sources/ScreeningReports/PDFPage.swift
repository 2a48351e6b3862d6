import CPage
import Foundation
import NativeCalls

/// One page that becomes a PDF file. Lengths are points (1/72 inch), the origin is the upper left corner.
///
/// Used by one thread at a time.
final class PDFPage {
    /// A4: 210 × 297 mm (ISO 216).
    static let size = (width: 595.276, height: 841.89)

    struct Colour {
        let native: CPColour

        init(_ red: Double, _ green: Double, _ blue: Double) {
            native = CPColour(red: red / 255, green: green / 255, blue: blue / 255, alpha: 1)
        }

        static let ink = Colour(27, 38, 49)
        static let muted = Colour(84, 97, 110)
        static let accent = Colour(18, 94, 168)
        static let panel = Colour(232, 241, 250)
        static let rule = Colour(205, 213, 222)
    }

    struct TextStyle {
        var size = 9.5
        var isBold = false
        var colour = Colour.ink
        var alignment = CPAlignStart
        var maximumLines = 0
    }

    private let page: OpaquePointer

    /// - Throws: `ScreeningReportError.drawing` without memory.
    init(title: String, created: Date) throws {
        var made: OpaquePointer?
        try Self.call { cp_page_create(Self.size.width, Self.size.height, &made, $0) }
        guard let made else { throw ScreeningReportError(.drawing, "No page was made.") }
        page = made
        cp_page_describe(page, Self.plain(title), "Leukoscope", created.formatted(.iso8601))
    }

    deinit { cp_page_free(page) }

    /// The height of text that is laid out in lines of a width.
    func height(_ text: String, _ style: TextStyle, width: Double) -> Double {
        lay(text, style, x: 0, y: 0, width: width, isDrawn: false)
    }

    /// Draws text from a point downwards; returns its height.
    @discardableResult
    func draw(_ text: String, _ style: TextStyle, x: Double, y: Double, width: Double) -> Double {
        lay(text, style, x: x, y: y, width: width, isDrawn: true)
    }

    func fill(x: Double, y: Double, width: Double, height: Double, radius: Double = 0, _ colour: Colour) {
        cp_page_fill(page, CPBox(x: x, y: y, width: width, height: height), radius, colour.native)
    }

    /// Draws a picture, scaled to a width.
    func draw(_ picture: ReportPicture, x: Double, y: Double, width: Double) {
        let box = CPBox(x: x, y: y, width: width, height: width * picture.aspect)
        picture.jpeg.withUnsafeBufferPointer {
            cp_page_jpeg(page, $0.baseAddress, $0.count, Int32(picture.width), Int32(picture.height), box)
        }
    }

    /// Ends the page.
    ///
    /// - Returns: The PDF file.
    /// - Throws: `ScreeningReportError.drawing`.
    func finish() throws -> [UInt8] {
        try Self.call { cp_page_finish(page, $0) }
        return Array(UnsafeBufferPointer(start: cp_page_bytes(page), count: cp_page_count(page)))
    }

    private func lay(_ text: String, _ style: TextStyle, x: Double, y: Double, width: Double, isDrawn: Bool) -> Double {
        var native = CPTextStyle(
            size: style.size, bold: style.isBold ? 1 : 0, colour: style.colour.native, alignment: style.alignment,
            maximumLines: Int32(style.maximumLines))
        return cp_page_text(page, Self.plain(text), &native, x, y, width, isDrawn ? 1 : 0)
    }

    private static func call(_ body: (Native.ErrorText) -> CSStatus) throws(ScreeningReportError) {
        try Native.call(body) { ScreeningReportError(.drawing, "The page could not be drawn: \($1)") }
    }

    /// Text as C and cairo take it: control characters but tabs and ends of lines go, a zero among them, which would end it; the
    /// 66 noncharacters (Unicode 23.7), for which cairo refuses the whole page, stand as U+FFFD.
    private static func plain(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isNoncharacterCodePoint {
                kept.append("\u{FFFD}")
            } else if scalar.properties.generalCategory != .control || scalar == "\n" || scalar == "\t" {
                kept.append(scalar)
            }
        }
        return String(kept)
    }
}
