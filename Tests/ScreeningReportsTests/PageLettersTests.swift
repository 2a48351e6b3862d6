import CPage
import Foundation
import Testing

/// Letters of the languages of the reports, as pango finds fonts for them.
@Suite struct PageLettersTests {
    @Test(arguments: [
        ("க்ஷ ஸ்ரீ கொ மருத்துவர் இரத்தப் புற்றுநோய் ₹800", "NotoSansTamil"),
        ("क्ष त्र ज्ञ श्री ट्रि चिकित्सक रक्त कैंसर ₹800", "NotoSansDevanagari"),
        ("骨髓 白血病 はい カタカナ 한국어 환자", "WenQuanYiMicroHei"), ("Kavya 🩸🙂👩‍⚕️ ❤️", "NotoSans-"),
        ("Łódź, São Paulo: 90 % ≥ 0.5 × 10⁹/L", "NotoSans-"),
    ])
    func `draws every letter, conjuncts among them, in the font of its script`(text: String, font: String) throws {
        var made: OpaquePointer?
        _ = cp_page_create(595, 842, &made, nil)
        let page = try #require(made)
        defer { cp_page_free(page) }
        var style = CPTextStyle(
            size: 12, bold: 0, colour: CPColour(red: 0, green: 0, blue: 0, alpha: 1), alignment: CPAlignStart,
            maximumLines: 0)
        #expect(cp_page_text(page, text, &style, 40, 40, 500, 1) > 10)
        style.bold = 1
        _ = cp_page_text(page, text, &style, 40, 80, 500, 1)
        #expect(cp_page_unknown_glyphs(page) == 0)
        // For private use: no font has it, so that the count is seen to count.
        _ = cp_page_text(page, "\u{F0000}", &style, 40, 120, 500, 1)
        #expect(cp_page_unknown_glyphs(page) == 1)
        _ = cp_page_finish(page, nil)
        let file = UnsafeBufferPointer(start: cp_page_bytes(page), count: cp_page_count(page))
        #expect(String(decoding: file, as: UTF8.self).contains("+\(font)"))
    }
}
