/// A style sheet cut down to what can match: of Bootstrap's 1,800 classes the pages use some fifty, and the rest would take half a
/// second of a first view at 400 kbit/s.
public struct StyleSheet: Sendable {
    private let css: [UInt8]
    private let names: Set<String>
    private var index = 0

    private init(_ css: [UInt8], names: Set<String>) { (self.css, self.names) = (css, names) }

    /// Leaves out selectors with a class that nothing uses, rules without a selector left, and comments but those that name a
    /// licence (`/*!`).
    ///
    /// A class in brackets or parentheses, as in `:not(.active)`, leaves nothing out: without it the selector may match as well.
    ///
    /// - Parameters:
    ///   - css: A style sheet whose rules are nested in `@media` and `@supports` alone (CSS Syntax Level 3, 5).
    ///   - names: Every word that may be a class, as `words(in:)` finds them.
    /// - Returns: What is left, in its order.
    public static func used(of css: [UInt8], names: Set<String>) -> [UInt8] {
        var sheet = StyleSheet(css, names: names)
        return sheet.rules()
    }

    /// The words of templates and scripts: letters of ASCII, digits, `_` and `-`, beginning with a letter or `_`.
    public static func words(in text: [UInt8]) -> Set<String> {
        var (found, word): (Set<String>, [UInt8]) = ([], [])
        for byte in text + [0] {
            if isLetter(byte) || (!word.isEmpty && isInside(byte)) {
                word.append(byte)
            } else if !word.isEmpty {
                found.insert(String(decoding: word, as: UTF8.self))
                word = []
            }
        }
        return found
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func isInside(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
    }

    private var byte: UInt8? { index < css.count ? css[index] : nil }

    // MARK: Rules

    /// The rules up to the end, or to the brace that closes what is around them.
    private mutating func rules() -> [UInt8] {
        var kept: [UInt8] = []
        while let byte, byte != UInt8(ascii: "}") {
            if let comment = comment() {
                if comment.starts(with: "/*!".utf8) { kept += comment }
                continue
            }
            if byte <= UInt8(ascii: " ") {
                index += 1
                continue
            }
            let prelude = prelude()
            guard let end = self.byte, end != UInt8(ascii: "}") else { return kept + prelude }
            index += 1
            kept += end == UInt8(ascii: ";") ? prelude + [end] : rule(prelude)
        }
        return kept
    }

    /// A rule whose opening brace was read; nothing where it cannot match.
    private mutating func rule(_ prelude: [UInt8]) -> [UInt8] {
        let isGroup = prelude.starts(with: "@media".utf8) || prelude.starts(with: "@supports".utf8)
        let body = isGroup ? rules() : declarations()
        if byte != nil { index += 1 }
        if isGroup && body.isEmpty { return [] }
        let head = prelude.first == UInt8(ascii: "@") ? prelude : Self.selectors(prelude, names)
        return head.isEmpty ? [] : head + [UInt8(ascii: "{")] + body + [UInt8(ascii: "}")]
    }

    /// What stands before a block or a semicolon.
    private mutating func prelude() -> [UInt8] {
        var found: [UInt8] = []
        var depth = 0
        while let byte {
            if comment() != nil { continue }
            if depth <= 0, [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ";")].contains(byte) { break }
            depth += Self.step(byte)
            found += string() ?? [byte]
        }
        return found
    }

    /// What stands in a block, up to its closing brace.
    private mutating func declarations() -> [UInt8] {
        var found: [UInt8] = []
        var depth = 0
        while let byte {
            if comment() != nil { continue }
            if byte == UInt8(ascii: "}"), depth == 0 { break }
            if byte == UInt8(ascii: "{") { depth += 1 }
            if byte == UInt8(ascii: "}") { depth -= 1 }
            found += string() ?? [byte]
        }
        return found
    }

    /// A comment that begins here, which is passed.
    private mutating func comment() -> [UInt8]? {
        guard css[index...].starts(with: "/*".utf8) else { return nil }
        let start = index
        index += 2
        while index < css.count, !css[index...].starts(with: "*/".utf8) { index += 1 }
        index = min(index + 2, css.count)
        return Array(css[start..<index])
    }

    /// Passes a string with its quotes, or one byte, for which it returns nil.
    private mutating func string() -> [UInt8]? {
        let (start, quote) = (index, css[index])
        index += 1
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
        while index < css.count, css[index] != quote { index += css[index] == UInt8(ascii: "\\") ? 2 : 1 }
        index = min(index + 1, css.count)
        return Array(css[start..<index])
    }

    private static func step(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): -1
        default: 0
        }
    }

    // MARK: Selectors

    /// Those of a list that can match.
    private static func selectors(_ list: [UInt8], _ names: Set<String>) -> [UInt8] {
        var (kept, one, depth): ([[UInt8]], [UInt8], Int) = ([], [], 0)
        for byte in list + [UInt8(ascii: ",")] {
            depth += step(byte)
            if byte == UInt8(ascii: ","), depth == 0 {
                if canMatch(one, names) { kept.append(one) }
                one = []
            } else {
                one.append(byte)
            }
        }
        return Array(kept.joined(separator: [UInt8(ascii: ",")]))
    }

    private static func canMatch(_ selector: [UInt8], _ names: Set<String>) -> Bool {
        var (depth, name): (Int, [UInt8]?) = (0, nil)
        for byte in selector + [0] {
            if let begun = name {
                if isInside(byte) {
                    name = begun + [byte]
                    continue
                }
                // One that is written with escapes is not taken apart.
                let isWhole = byte != UInt8(ascii: "\\") && byte < 0x80
                if isWhole, !names.contains(String(decoding: begun, as: UTF8.self)) { return false }
                name = nil
            }
            depth += step(byte)
            if byte == UInt8(ascii: "."), depth == 0 { name = [] }
        }
        return true
    }
}
