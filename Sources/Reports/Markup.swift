import Foundation

/// Text for SVG and HTML.
enum Markup {
    /// `text` with the characters that mean something in markup replaced (HTML Living Standard, section 13.3), and
    /// control characters that XML 1.0 (section 2.2) forbids dropped.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// `value` with `places` digits after the point, in every locale with a point.
    static func number(_ value: Double, places: Int) -> String {
        String(format: "%.\(places)f", value)
    }

    /// A length in an SVG, two digits after the point at most.
    static func length(_ value: Double) -> String {
        let text = number(value, places: 2)
        guard text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(trimmed.reversed())
    }

    /// A share as per cent for people, for example `97.3 %`; a dash when it is not defined.
    static func percent(_ share: Double?, places: Int = 1) -> String {
        share.map { "\(number($0 * 100, places: places)) %" } ?? "–"
    }
}
