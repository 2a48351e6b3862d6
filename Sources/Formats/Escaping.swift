extension String {
    /// This text with some scalars written otherwise.
    ///
    /// It goes scalar by scalar. Swift takes a quotation mark and an accent behind it for one `Character`, which is another than
    /// the mark alone; whoever reads the text afterwards sees the mark.
    public func escaping(_ replacements: [Unicode.Scalar: String]) -> String {
        guard unicodeScalars.contains(where: { replacements[$0] != nil }) else { return self }
        var escaped = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let replacement = replacements[scalar] {
                escaped.append(contentsOf: replacement.unicodeScalars)
            } else {
                escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// As text or as the value of an attribute in HTML and XML (HTML Living Standard, section 13.3).
    public var escapedForMarkup: String {
        escaping(["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"])
    }
}
