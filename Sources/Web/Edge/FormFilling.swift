import Formats
import Foundation

/// Fills a form of a page with what was typed before. Pages are made of the site's own templates, whose attributes stand in
/// double quotes.
struct FormFilling {
    let values: [String: [String]]
    /// How many fields of a name were filled already.
    private var used: [String: Int] = [:]

    private init(_ values: [String: [String]]) { self.values = values }

    /// - Parameters:
    ///   - page: The page as HTML.
    ///   - action: Where the form goes.
    ///   - values: What was typed, by the name of the field.
    /// - Returns: Nil where the page has no such form.
    static func filled(_ page: String, action: String, values: [String: [String]]) -> String? {
        guard let start = page.range(of: " action=\"\(action.escapedForMarkup)\""),
            let open = page[..<start.lowerBound].range(of: "<form", options: .backwards),
            let end = page[start.upperBound...].range(of: "</form>")
        else { return nil }
        var filling = FormFilling(values)
        var before = String(page[..<open.lowerBound])
        // A form that is folded away is opened.
        if let details = before.range(of: "<details", options: .backwards),
            !before[details.upperBound...].contains("</details>"),
            let tag = before[details.lowerBound...].firstIndex(of: ">"),
            !before[details.lowerBound..<tag].contains(" open")
        {
            before.insert(contentsOf: " open", at: tag)
        }
        return before + filling.fill(page[open.lowerBound..<end.lowerBound]) + page[end.lowerBound...]
    }

    /// Walks through the fields in their order.
    private mutating func fill(_ form: Substring) -> String {
        var (done, rest) = ("", form)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let end = rest.index(after: close)
            done += rest[..<open]
            let tag = String(rest[open..<end])
            rest = rest[end...]
            let name = Self.attribute("name", of: tag) ?? ""
            if tag.hasPrefix("<input") {
                done += input(tag, name)
            } else if tag.hasPrefix("<textarea"), let value = next(name), let last = rest.range(of: "</textarea>") {
                done += tag + value.escapedForMarkup
                rest = rest[last.lowerBound...]
            } else if tag.hasPrefix("<select"), let chosen = values[name], let last = rest.range(of: "</select>") {
                done += tag + Self.options(rest[..<last.lowerBound], chosen)
                rest = rest[last.lowerBound...]
            } else {
                done += tag
            }
        }
        return done + rest
    }

    private mutating func next(_ name: String) -> String? {
        guard let all = values[name] else { return nil }
        let number = used[name, default: 0]
        used[name] = number + 1
        return number < all.count ? all[number] : nil
    }

    private mutating func input(_ tag: String, _ name: String) -> String {
        switch Self.attribute("type", of: tag) ?? "text" {
        // What the page itself brings, and what is never kept.
        case "hidden", "password", "file", "submit": return tag
        case "checkbox", "radio":
            let value = Self.unescaped(Self.attribute("value", of: tag) ?? "on")
            return Self.marking(tag, "checked", values[name]?.contains(value) == true)
        default:
            guard let value = next(name) else { return tag }
            let plain = tag.replacing(#/ value="[^"]*"/#, with: "")
            return plain.dropLast() + " value=\"\(value.escapedForMarkup)\">"
        }
    }

    private static func options(_ list: Substring, _ chosen: [String]) -> String {
        String(list).replacing(/<option[^>]*>/) { match in
            let tag = String(match.output)
            return marking(tag, "selected", chosen.contains(unescaped(attribute("value", of: tag) ?? "")))
        }
    }

    private static func marking(_ tag: String, _ mark: String, _ isOn: Bool) -> String {
        let plain = tag.replacing(" \(mark)", with: "")
        return isOn ? plain.dropLast() + " \(mark)>" : plain
    }

    private static func attribute(_ name: String, of tag: String) -> String? {
        guard let start = tag.range(of: " \(name)=\""), let end = tag[start.upperBound...].firstIndex(of: "\"") else {
            return nil
        }
        return String(tag[start.upperBound..<end])
    }

    private static func unescaped(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}
