import Foundation

extension DirectoryRules {
    /// What a visit costs; nil where nothing is told.
    ///
    /// - Parameters:
    ///   - text: Digits with at most two behind a point or comma.
    ///   - currency: ISO 4217.
    static func fee(_ text: String, currency: String) throws -> Fee? {
        let typed = text.trimmingCharacters(in: .whitespaces)
        let code = currency.trimmingCharacters(in: .whitespaces).uppercased()
        guard !typed.isEmpty else { return nil }
        guard let match = typed.wholeMatch(of: /(\d{1,8})(?:[.,](\d{1,2}))?/), let whole = Int64(match.1) else {
            throw ClinicError(.invalid, "errors.directory.fee", field: "fee")
        }
        let behind = match.2.map { $0.count == 1 ? "\($0)0" : String($0) } ?? "0"
        let hundredths = whole * 100 + (Int64(behind) ?? 0)
        guard hundredths <= maximumFee else {
            throw ClinicError(.invalid, "errors.directory.feeTooHigh", ["maximum": Int(maximumFee / 100)], field: "fee")
        }
        guard currencies.contains(code) else {
            throw ClinicError(.invalid, "errors.directory.currency", field: "currency")
        }
        return Fee(hundredths: hundredths, currency: code)
    }

    /// Digits with an optional `+`, spaces, brackets and hyphens: 5 to 15 digits (ITU-T E.164); empty stays so.
    static func phone(_ text: String) throws -> String {
        let phone = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !phone.isEmpty else { return "" }
        let digits = phone.utf8.count { (0x30...0x39).contains($0) }
        guard phone.utf8.count <= 40, (5...15).contains(digits),
            phone.wholeMatch(of: /\+?[0-9 ()\/.\-]+(?:ext\.? ?[0-9]+)?/) != nil
        else { throw ClinicError(.invalid, "errors.directory.phone", field: "phone") }
        return phone
    }

    static func email(_ text: String) throws -> String {
        text.trimmingCharacters(in: .whitespaces).isEmpty ? "" : try AccountRules.email(text)
    }

    /// An address of the web with TLS and a name; empty stays so. No user name and no other scheme passes, so that a link
    /// made of it leads where it says.
    static func website(_ text: String) throws -> String {
        let typed = text.trimmingCharacters(in: .whitespaces)
        guard !typed.isEmpty else { return "" }
        let wrong = ClinicError(.invalid, "errors.directory.website", field: "website")
        guard typed.utf8.count <= 300, typed.lowercased().hasPrefix("https://"),
            typed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Array("\"<>\\^`{|}".utf8).contains($0) }),
            let url = URL(string: typed), let host = url.host(), host.contains("."), url.user == nil,
            url.password == nil
        else { throw wrong }
        return typed
    }
}
